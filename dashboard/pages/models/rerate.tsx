import type { InferResponseType } from "hono/client";
import { createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { count, money } from "../../format/numbers.ts";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";

type Report = InferResponseType<typeof api.prices.rerate.$post>;

const DAY_MS = 86_400_000;
const day = (daysBefore: number) => new Date(Date.now() - daysBefore * DAY_MS).toISOString().slice(0, 10);

/** What a period costs by today's price book: a preview first; differences become corrections only when asked. */
export function Rerate(props: { open: boolean; onClose: () => void; model: string }) {
  const form = createForm();
  const [from, setFrom] = createSignal(day(7));
  const [to, setTo] = createSignal(day(0));
  const [report, setReport] = createSignal<Report | null>(null);
  const rate = async (dryRun: boolean) => {
    await form.send(async () => {
      let start: string | null = new Date(from()).toISOString();
      let last: Report | null = null;
      // Each call does what it can in its time, and says from where to go on.
      while (start !== null) {
        const part: Report = await ask(
          api.prices.rerate.$post({
            json: { from: start, to: new Date(to()).toISOString(), model: props.model, dry_run: dryRun },
          }),
        );
        last = last === null ? part : added(last, part);
        start = part.next_from;
      }
      setReport(last);
      if (!dryRun) {
        say(t("models.rerated"));
        setReport(null);
        props.onClose();
      }
    });
  };
  return (
    <Dialog open={props.open} onClose={props.onClose} title={t("models.rerate")} description={t("models.rerateLead")}>
      <Show when={props.open}>
        <form
          class="space-y-4"
          onSubmit={(event) => {
            event.preventDefault();
            void rate(true);
          }}
        >
          <div class="grid gap-3 sm:grid-cols-2">
            <TextField
              label={t("models.from")}
              type="date"
              required
              value={from()}
              onInput={(event) => {
                setFrom(event.currentTarget.value);
                setReport(null);
              }}
              error={form.errorOf("from")}
            />
            <TextField
              label={t("models.to")}
              type="date"
              required
              hint={t("models.toHint")}
              value={to()}
              onInput={(event) => {
                setTo(event.currentTarget.value);
                setReport(null);
              }}
              error={form.errorOf("to")}
            />
          </div>
          <div role="status">
            <Show when={report()}>
              {(found) => (
                <>
                  <dl class="ledger grid grid-cols-2 gap-x-4 gap-y-2 pt-2">
                    <div>
                      <dt class="caps">{t("models.before")}</dt>
                      <dd class="text-figure font-[650]">{money(found().before_usd)}</dd>
                    </div>
                    <div>
                      <dt class="caps">{t("models.after")}</dt>
                      <dd class="text-figure font-[650]">{money(found().after_usd)}</dd>
                    </div>
                  </dl>
                  <p class="mt-2 text-ink-2">
                    {t("models.rerateChanged", { changed: count(found().changed), events: count(found().events) })}
                  </p>
                </>
              )}
            </Show>
          </div>
          <FormFailure form={form} fields={["from", "to"]} />
          <Actions>
            <Button look="plain" onClick={() => props.onClose()}>
              {t("common.cancel")}
            </Button>
            <Button look={report() ? "plain" : "primary"} type="submit" disabled={form.busy()}>
              {t("models.preview")}
            </Button>
            <Show when={(report()?.changed ?? 0) > 0}>
              <Button look="danger" disabled={form.busy()} onClick={() => void rate(false)}>
                {t("models.apply")}
              </Button>
            </Show>
          </Actions>
        </form>
      </Show>
    </Dialog>
  );
}

const NANO = 1_000_000_000n;

/** Nano-USD as exact digits of dollars. */
function usd(nano: bigint): string {
  const [sign, size] = nano < 0n ? ["-", -nano] : ["", nano];
  return `${sign}${size / NANO}.${String(size % NANO).padStart(9, "0")}`;
}

/** Two parts of a period as one. */
function added(one: Report, other: Report): Report {
  const [before, after] = [
    BigInt(one.before_nano) + BigInt(other.before_nano),
    BigInt(one.after_nano) + BigInt(other.after_nano),
  ];
  return {
    ...other,
    events: one.events + other.events,
    changed: one.changed + other.changed,
    before_nano: Number(before),
    after_nano: Number(after),
    before_usd: usd(before),
    after_usd: usd(after),
  };
}
