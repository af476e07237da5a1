import { createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import { announce } from "../../state/announce.ts";
import { useShortcuts } from "../../state/shortcuts.ts";
import { t } from "../../text/text.ts";
import { Button } from "../../ui/button.tsx";
import type { LogFilters } from "./log-filters.ts";
import { type Known, suggest } from "./suggestions.ts";
import { type Condition, type Problem, readLine, writeToken } from "./tokens.ts";

/** What stands in the address by its id, and has a name. */
const NAMED: ReadonlySet<string> = new Set(["key", "member", "route"]);

/**
 * What the log is narrowed to, as tokens that are typed and removed; the rail beside it is the same in another form. Values
 * are suggested as they occur. Enter takes what is written or chosen, Backspace takes the last token back into the line.
 */
export function FilterBar(props: {
  filters: LogFilters;
  known: Known;
  /** What an id of a condition is called. */
  nameOf: (condition: Condition) => string | null;
}) {
  const [written, setWritten] = createSignal("");
  const [at, setAt] = createSignal(-1);
  const [isOpen, setOpen] = createSignal(false);
  const [problem, setProblem] = createSignal<Problem | null>(null);
  const id = createUniqueId();
  let input!: HTMLInputElement;

  useShortcuts([{ keys: "/", label: () => t("logs.filter.label"), run: () => input.focus() }]);
  const suggestions = createMemo(() => (isOpen() ? suggest(written(), props.known) : []));
  const chosen = () => suggestions()[at()];
  const forget = () => {
    setWritten("");
    setAt(-1);
    setProblem(null);
  };
  const take = (line: string) => {
    const reading = readLine(line);
    setProblem(reading.problem);
    if (reading.problem || (reading.conditions.length === 0 && !reading.words)) return;
    props.filters.add(reading.conditions, reading.words || undefined);
    announce(t("logs.filter.added", { token: line }));
    forget();
    // What stands below is seen again; the next letter opens it anew.
    setOpen(false);
  };
  const pick = (text: string) => {
    if (!text.endsWith(":")) {
      take(text);
      return;
    }
    // A field without a value: its values come next.
    setWritten(text);
    setAt(-1);
    input.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = props.filters.conditions().at(-1);
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      setOpen(true);
      const count = suggestions().length;
      if (count > 0) setAt((was) => (was + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    } else if (event.key === "Enter") {
      const picked = chosen();
      if (picked) pick(picked.text);
      else take(written());
    } else if (event.key === "Escape" && isOpen() && suggestions().length > 0) setOpen(false);
    else if (event.key === "Backspace" && written() === "" && (props.filters.words() || last)) {
      if (props.filters.words()) {
        setWritten(props.filters.words());
        props.filters.add([], "");
      } else if (last) {
        setWritten(writeToken(last));
        props.filters.remove(last);
      }
    } else return;
    event.preventDefault();
  };
  const isEmpty = () => props.filters.conditions().length === 0 && !props.filters.words();

  return (
    <div class="relative min-w-64 flex-1 max-sm:w-full max-sm:flex-none">
      <div class="flex min-h-8 flex-wrap items-center gap-1.5 rounded-control border border-edge bg-surface px-1.5 py-0.5 focus-within:outline-2 focus-within:outline-accent pointer-coarse:min-h-11">
        <ul class="contents" aria-label={t("logs.filter.active")}>
          <For each={props.filters.conditions()}>
            {(condition) => (
              <Token
                text={props.nameOf(condition) ?? writeToken(condition)}
                title={condition.value}
                isNamedLater={NAMED.has(condition.param)}
                onRemove={() => props.filters.remove(condition)}
              />
            )}
          </For>
          <Show when={props.filters.words()}>
            {(words) => <Token text={`“${words()}”`} onRemove={() => props.filters.add([], "")} />}
          </Show>
        </ul>
        <input
          ref={input}
          type="text"
          role="combobox"
          data-main-filter
          aria-label={t("logs.filter.label")}
          aria-expanded={suggestions().length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={chosen() ? `${id}-${at()}` : undefined}
          aria-invalid={problem() ? "true" : undefined}
          aria-describedby={problem() ? `${id}-problem` : undefined}
          placeholder={isEmpty() ? t("logs.filter.placeholder") : ""}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          class="min-h-6 min-w-32 flex-1 bg-transparent px-1 text-table outline-none placeholder:text-ink-3"
          value={written()}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onInput={(event) => {
            setWritten(event.currentTarget.value);
            setAt(-1);
            setOpen(true);
            setProblem(null);
          }}
          onKeyDown={onKeyDown}
        />
        <Show when={!isEmpty()}>
          <Button look="quiet" class="!min-h-6 text-meta" onClick={() => props.filters.clear()}>
            {t("common.clear")}
          </Button>
        </Show>
      </div>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t("logs.filter.suggestions")}
        class={`overlay-in absolute inset-x-0 top-full z-30 mt-1 max-h-80 max-w-xl overflow-y-auto rounded-panel border border-rule bg-surface py-1 shadow-overlay ${suggestions().length > 0 ? "" : "hidden"}`}
      >
        <For each={suggestions()}>
          {({ text, name, count }, index) => (
            <button
              type="button"
              tabindex={-1}
              id={`${id}-${index()}`}
              role="option"
              aria-selected={index() === at()}
              class={`flex min-h-8 w-full items-center justify-between gap-4 px-3 text-left text-table pointer-coarse:min-h-11 ${index() === at() ? "bg-accent-bg" : ""}`}
              onPointerMove={() => setAt(index())}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => pick(text)}
            >
              <span class="truncate">
                {text}
                <Show when={name}> · {name}</Show>
              </span>
              <span class="shrink-0 text-meta text-ink-3">{count}</span>
            </button>
          )}
        </For>
      </div>
      <Show when={problem()}>
        {(found) => (
          <p id={`${id}-problem`} role="alert" class="mt-1 text-meta font-medium text-bad">
            {t(`logs.filter.problem.${found().kind}`, { field: found().field })}
          </p>
        )}
      </Show>
    </div>
  );
}

/** One condition, and the button that takes it away. `isNamedLater`: as wide with its id as with its name, which moves nothing then. */
const Token = (props: { text: string; title?: string; isNamedLater?: boolean; onRemove: () => void }) => (
  <li class="flex max-w-full items-center rounded-chip bg-accent-bg text-meta" title={props.title}>
    <span class={`truncate py-0.5 pl-2 font-mono ${props.isNamedLater ? "w-52" : ""}`}>{props.text}</span>
    <button
      type="button"
      class="min-h-6 min-w-6 shrink-0 px-1.5 text-ink-2 hover:text-ink pointer-coarse:min-h-11 pointer-coarse:min-w-11"
      aria-label={t("logs.filter.remove", { token: props.text })}
      onClick={() => props.onRemove()}
    >
      ×
    </button>
  </li>
);
