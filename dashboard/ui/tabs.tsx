import { createMemo, createSignal, createUniqueId, Index, type JSX, Show, untrack } from "solid-js";

export interface Tab {
  id: string;
  name: string;
  content: () => JSX.Element;
}

/**
 * Some views of one thing; left and right go from one to the next, and it is shown at once (the tabs pattern of WAI-ARIA's
 * authoring practices). Without `value` it remembers by itself. By hand: Kobalte's is six times the size of a page of ours.
 */
export function Tabs(props: {
  label: string;
  tabs: readonly Tab[];
  value?: string;
  onChange?: (id: string) => void;
  class?: string;
}) {
  const id = createUniqueId();
  const [own, setOwn] = createSignal("");
  let list!: HTMLDivElement;
  const place = createMemo(() => {
    const wanted = props.value ?? own();
    return Math.max(
      0,
      props.tabs.findIndex((tab) => tab.id === wanted),
    );
  });
  const shown = createMemo(() => props.tabs[place()]?.id);
  const choose = (at: number) => {
    const tab = props.tabs.at(at % props.tabs.length);
    if (!tab) return;
    setOwn(tab.id);
    props.onChange?.(tab.id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const onward = getComputedStyle(list).direction === "rtl" ? -1 : 1;
    const steps: Record<string, number> = {
      ArrowRight: place() + onward,
      ArrowLeft: place() - onward,
      Home: 0,
      End: -1,
    };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
    list.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
  };

  return (
    <div class={props.class}>
      <div
        ref={list}
        role="tablist"
        aria-label={props.label}
        class="flex flex-wrap gap-x-1 border-b border-rule"
        onKeyDown={onKeyDown}
      >
        <Index each={props.tabs}>
          {(tab, at) => (
            <button
              type="button"
              role="tab"
              id={`${id}-${tab().id}`}
              aria-selected={at === place()}
              aria-controls={at === place() ? `${id}-panel` : undefined}
              tabindex={at === place() ? 0 : -1}
              class="-mb-px min-h-9 border-b-2 border-transparent px-3 text-table text-ink-2 hover:text-ink aria-selected:border-accent aria-selected:font-medium aria-selected:text-ink pointer-coarse:min-h-11"
              onClick={() => choose(at)}
            >
              {tab().name}
            </button>
          )}
        </Index>
      </div>
      <Show when={shown()} keyed>
        {(tab) => (
          <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${tab}`} tabindex="0" class="pt-4">
            {untrack(() => props.tabs.find((one) => one.id === tab)?.content())}
          </div>
        )}
      </Show>
    </div>
  );
}
