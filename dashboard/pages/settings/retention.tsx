import { useQuery, useQueryClient } from "@tanstack/solid-query";
import { createSignal, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { Confirm } from "../../components/confirm.tsx";
import { FailureNote } from "../../components/failure-note.tsx";
import { Panel } from "../../components/panel.tsx";
import { exactTime } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { createForm } from "../../state/form.ts";
import { plural, t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { say } from "../../ui/toast.tsx";

/** For how long requests are kept, and how somebody is taken out of them. */
export function Retention() {
  const client = useQueryClient();
  const { can } = useAccount();
  const form = createForm();
  const query = useQuery(() => ({
    queryKey: ["retention"],
    queryFn: ({ signal }) => ask(api.retention.$get({}, { init: { signal } })),
  }));
  const save = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get("days")).trim();
    const done = await form.send(() => ask(api.retention.$put({ json: { days: text === "" ? null : Number(text) } })));
    if (!done) return;
    say(t("settings.retention.saved"));
    await client.invalidateQueries({ queryKey: ["retention"] });
  };

  return (
    <div class="space-y-10">
      <Panel title={t("settings.retention.title")} query={query} skeleton={<RowsSkeleton rows={4} />}>
        {(retention) => (
          <>
            <p class="mt-2 max-w-prose text-ink-2">{t("settings.retention.lead")}</p>
            <p class="mt-2">
              {retention().requests_since === null
                ? t("settings.retention.all")
                : t("settings.retention.since", { time: exactTime(retention().requests_since ?? "") })}{" "}
              {retention().operator_months === null
                ? t("settings.retention.operatorForever")
                : plural("settings.retention.operator", retention().operator_months ?? 0)}
            </p>
            <Show when={can("organizations:write")}>
              <form class="mt-4 flex max-w-xl flex-wrap items-end gap-3" onSubmit={save}>
                <TextField
                  label={t("settings.retention.days")}
                  hint={t("settings.retention.daysHint", { days: retention().least_days })}
                  name="days"
                  inputmode="numeric"
                  pattern="[0-9]*"
                  value={retention().days ?? ""}
                  error={form.errorOf("days")}
                />
                <Button look="plain" type="submit" disabled={form.busy()}>
                  {t("common.save")}
                </Button>
              </form>
              <Show when={form.failure()?.param !== "days" && form.failure()}>
                {(failure) => <FailureNote failure={failure()} />}
              </Show>
            </Show>
          </>
        )}
      </Panel>
      <Show when={can("organizations:write")}>
        <Erase />
      </Show>
    </div>
  );
}

function Erase() {
  const [name, setName] = createSignal("");
  const [asking, setAsking] = createSignal(false);
  const [left, setLeft] = createSignal<number | null>(null);
  const erase = async () => {
    let daysLeft: number;
    // A call does what it can in its time.
    do {
      ({ days_left: daysLeft } = await ask(api.retention.erase.$post({ json: { end_user: name().trim() } })));
      setLeft(daysLeft);
    } while (daysLeft > 0);
    say(t("settings.retention.erased"));
    setLeft(null);
    setName("");
  };
  return (
    <section class="ledger pt-3">
      <h2 class="text-h2 font-[650]">{t("settings.retention.erase")}</h2>
      <p class="mt-1 max-w-prose text-ink-2">{t("settings.retention.eraseHint")}</p>
      <form
        class="mt-3 flex max-w-xl flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          setAsking(true);
        }}
      >
        <TextField
          label={t("settings.retention.endUser")}
          required
          maxlength={256}
          value={name()}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <Button look="danger" type="submit">
          {t("settings.retention.eraseAction")}
        </Button>
      </form>
      <Confirm
        open={asking()}
        onClose={() => setAsking(false)}
        title={t("settings.retention.eraseTitle", { name: name().trim() })}
        action={t("settings.retention.eraseAction")}
        typed={name().trim()}
        onConfirm={erase}
      >
        <p>{t("settings.retention.eraseBody")}</p>
        <Show when={left() !== null}>
          <p role="status">{plural("settings.retention.erasing", left() ?? 0)}</p>
        </Show>
      </Confirm>
    </section>
  );
}
