import { createSignal, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { FormFailure } from "../../components/form-failure.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Check, TextField } from "../../ui/field.tsx";
import { say } from "../../ui/toast.tsx";
import { type ModelRow, rateOf, termsOfPrice } from "./model-query.ts";

const RATES = ["input", "output", "cacheRead", "cacheWrite5m", "cacheWrite1h", "cacheWrite30m"] as const;

/** Sets a price from a moment on. What was rated before keeps its cost. */
export function NewPrice(props: {
  open: boolean;
  onClose: () => void;
  model: string;
  organization: string;
  price: ModelRow["price"];
  onMade: () => void;
}) {
  const form = createForm();
  const [keep, setKeep] = createSignal(true);
  /** What of the price in force these fields do not show. */
  const others = () => {
    const { rates, ...parts } = termsOfPrice(props.price);
    const unseen = Object.entries(rates ?? {}).filter(([name]) => !(RATES as readonly string[]).includes(name));
    return { parts, rates: Object.fromEntries(unseen) };
  };
  const otherNames = () => [...Object.keys(others().rates), ...Object.keys(others().parts)];
  /** What is about to be replaced stays in sight while it is written over. */
  const now = (name: string) => {
    const usd = rateOf(props.price, name);
    return usd === null ? undefined : t("models.rateNow", { price: `$${usd}` });
  };
  const create = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const written = new FormData(event.currentTarget);
    const text = (name: string) => String(written.get(name) ?? "").trim();
    const kept = keep() ? others() : { parts: {}, rates: {} };
    const rates = Object.fromEntries(RATES.flatMap((name) => (text(name) ? [[name, text(name)]] : [])));
    const from = text("from");
    const done = await form.send(() =>
      ask(
        api.prices.$post({
          json: {
            model: props.model,
            ...(props.organization ? { organization_id: props.organization } : {}),
            ...(from ? { valid_from: new Date(from).toISOString() } : {}),
            // The API's own schema has the last word on what a price holds.
            price: { ...kept.parts, rates: { ...kept.rates, ...rates } } as never,
          },
        }),
      ),
    );
    if (!done) return;
    say(t("models.priceSet"));
    props.onClose();
    props.onMade();
  };
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title={t("models.newPrice")}
      description={t("models.newPriceLead")}
    >
      <Show when={props.open}>
        <form class="space-y-4" onSubmit={create}>
          <div class="grid gap-3 sm:grid-cols-2">
            <For each={RATES}>
              {(name) => (
                <TextField
                  label={t(`models.rates.${name}`)}
                  name={name}
                  inputmode="decimal"
                  required={name === "input"}
                  optional={name !== "input"}
                  value={rateOf(props.price, name) ?? ""}
                  hint={now(name)}
                  error={form.errorOf(`price.rates.${name}`)}
                />
              )}
            </For>
          </div>
          <TextField
            label={t("models.validFrom")}
            name="from"
            type="datetime-local"
            optional
            hint={t("models.validFromHint")}
            error={form.errorOf("valid_from")}
          />
          <Show when={otherNames().length > 0}>
            <Check
              label={t("models.keepOthers", { parts: otherNames().join(", ") })}
              checked={keep()}
              onChange={(event) => setKeep(event.currentTarget.checked)}
            />
          </Show>
          <FormFailure form={form} fields={["valid_from", ...RATES.map((name) => `price.rates.${name}`)]} />
          <Actions>
            <Button look="plain" onClick={() => props.onClose()}>
              {t("common.cancel")}
            </Button>
            <Button look="primary" type="submit" disabled={form.busy()}>
              {t("models.setPrice")}
            </Button>
          </Actions>
        </form>
      </Show>
    </Dialog>
  );
}
