import type { InferResponseType } from "hono/client";
import { createSignal, For, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { FailureNote } from "../../components/failure-note.tsx";
import { RouteLine } from "../../components/route-line.tsx";
import { createForm } from "../../state/form.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import { Chip } from "../../ui/chip.tsx";
import { Actions, Dialog } from "../../ui/dialog.tsx";
import { Select, TextArea, TextField } from "../../ui/field.tsx";

type Plan = InferResponseType<(typeof api.routes)["dry-run"]["$post"]>;

const DIALECTS = [
  ["openai-chat", "OpenAI Chat"],
  ["openai-responses", "OpenAI Responses"],
  ["anthropic-messages", "Anthropic Messages"],
  ["google-generate-content", "Gemini"],
  ["openai-embeddings", "OpenAI Embeddings"],
] as const;
type Dialect = (typeof DIALECTS)[number][0];

const TONES = { first: "ok", next: "plain", skipped: "warn" } as const;

/** Plans a request without sending it: which target, and why the others are not. */
export function DryRun(props: { name: string; onClose: () => void }) {
  const form = createForm();
  const [plan, setPlan] = createSignal<Plan | null>(null);
  const [notJson, setNotJson] = createSignal<string | null>(null);

  const run = async (event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    const entered = new FormData(event.currentTarget);
    const text = String(entered.get("request")).trim();
    let request: Record<string, unknown> = {};
    try {
      if (text) request = JSON.parse(text) as Record<string, unknown>;
      setNotJson(null);
    } catch (error) {
      setNotJson(t("routes.notJson", { error: String(error) }));
      return;
    }
    await form.send(async () =>
      setPlan(
        await ask(
          api.routes["dry-run"].$post({
            json: { model: String(entered.get("model")).trim(), dialect: entered.get("dialect") as Dialect, request },
          }),
        ),
      ),
    );
  };

  return (
    <Dialog look="wide" open onClose={props.onClose} title={t("routes.testTitle")} description={t("routes.testLead")}>
      <form class="space-y-4" onSubmit={run}>
        <div class="grid gap-4 sm:grid-cols-2">
          <TextField
            label={t("routes.fields.name")}
            name="model"
            required
            maxlength={256}
            value={props.name}
            error={form.errorOf("model")}
          />
          <Select label={t("routes.dialect")} name="dialect">
            <For each={DIALECTS}>{([id, name]) => <option value={id}>{name}</option>}</For>
          </Select>
        </div>
        <TextArea
          label={t("routes.request")}
          hint={t("routes.requestHint")}
          name="request"
          spellcheck={false}
          error={notJson() ?? (form.failure()?.param?.startsWith("request") ? form.failure()?.message : null)}
        />
        <Show when={form.failure() && !/^(model|request)/.test(form.failure()?.param ?? "") && form.failure()}>
          {(failure) => <FailureNote failure={failure()} />}
        </Show>
        <Actions>
          <Button look="primary" type="submit" disabled={form.busy()}>
            {t("routes.test")}
          </Button>
        </Actions>
      </form>
      <div role="status">
        <Show when={plan()}>
          {(known) => (
            <section class="ledger mt-6 pt-3">
              <p class="font-medium">{known().message}</p>
              <ol class="mt-3 border-t border-rule">
                <For each={known().targets}>
                  {(target) => (
                    <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-rule py-2">
                      <RouteLine
                        class={target.outcome === "first" ? "text-ok" : "text-ink-3"}
                        end={target.outcome === "first" ? "reached" : target.outcome === "next" ? "open" : "failed"}
                      />
                      <span class="font-mono text-table">
                        {target.provider}/{target.model}
                      </span>
                      <Chip tone={TONES[target.outcome]}>{t(`routes.outcomes.${target.outcome}`)}</Chip>
                      <Show when={target.message ?? target.reason}>
                        {(reason) => <span class="text-table text-ink-2">{reason()}</span>}
                      </Show>
                      <Show when={target.warnings.length > 0}>
                        <span class="w-full text-meta text-ink-3">
                          {t("routes.lost")}: {target.warnings.join(", ")}
                        </span>
                      </Show>
                    </li>
                  )}
                </For>
              </ol>
            </section>
          )}
        </Show>
      </div>
    </Dialog>
  );
}
