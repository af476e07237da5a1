import { createEffect, createSignal, on, onCleanup } from "solid-js";
import { asFailure } from "../../api/failure.ts";
import { t } from "../../text/text.ts";
import { TextArea } from "../../ui/field.tsx";
import type { RouteDraft, RouteTerms } from "./route-draft.ts";
import { createDraftTest } from "./use-draft-test.ts";

/** Typing has paused for so many milliseconds: the API is asked what it thinks. */
const PAUSE_MS = 400;

/**
 * A route's terms as the API takes them. What is written is held against the API's own schema, and becomes the draft once it fits;
 * `onBroken` tells whether what stands here does not.
 */
export function RouteJson(props: {
  draft: Pick<RouteDraft, "organization" | "name">;
  terms: unknown;
  onTerms: (terms: RouteTerms) => void;
  onBroken: (broken: boolean) => void;
}) {
  const [text, setText] = createSignal(JSON.stringify(props.terms, null, 2));
  const [wrong, setWrong] = createSignal<string | null>(null);
  const test = createDraftTest();

  /** Says what is wrong; null: the draft is as it is written here. */
  async function problemOf(written: string): Promise<string | null> {
    let parsed: RouteTerms;
    try {
      parsed = JSON.parse(written);
    } catch (thrown) {
      return (thrown as Error).message;
    }
    try {
      await test.run(props.draft, parsed);
    } catch (thrown) {
      const { param, message } = asFailure(thrown);
      return param ? `${param}: ${message}` : message;
    }
    if (written === text()) props.onTerms(parsed);
    return null;
  }
  createEffect(
    on(
      text,
      (written) => {
        props.onBroken(true);
        const timer = setTimeout(async () => {
          const problem = await problemOf(written);
          // Something else is written by now.
          if (written !== text()) return;
          if (problem !== null) test.forget();
          setWrong(problem);
          props.onBroken(problem !== null);
        }, PAUSE_MS);
        onCleanup(() => clearTimeout(timer));
      },
      { defer: true },
    ),
  );
  onCleanup(() => props.onBroken(false));
  return (
    <>
      <TextArea
        label={t("routes.json")}
        hint={t("routes.jsonHint")}
        rows={18}
        spellcheck={false}
        style={{ "font-family": "var(--font-mono)" }}
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
        error={wrong()}
      />
      {/* As high as what is said of it: nothing below moves. */}
      <p class="mt-2 min-h-10 text-table" aria-live="polite">
        {test.found()?.message}
      </p>
    </>
  );
}
