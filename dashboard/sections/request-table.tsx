import { createEffect, For, on, Show } from "solid-js";
import type { LiveRequests } from "../live/requests.ts";
import { MEDIUM, NUMBER, Row, WIDE } from "./request-row.tsx";

const SLIDE_MS = 240;
const SKELETON_ROWS = 8;

const COLUMNS = [
  { name: "When", class: MEDIUM },
  { name: "Model", class: "w-full" },
  { name: "Client", class: WIDE },
  { name: "Outcome", class: MEDIUM },
  { name: "Input", class: `${NUMBER} ${MEDIUM}` },
  { name: "Cache", class: `${NUMBER} ${WIDE}` },
  { name: "Output", class: `${NUMBER} ${MEDIUM}` },
  { name: "Cost", class: NUMBER },
  { name: "First token", class: `${NUMBER} ${WIDE}` },
  { name: "Total", class: `${NUMBER} ${MEDIUM}` },
];

function SkeletonRow() {
  return (
    <tr class="border-b border-rule">
      <For each={COLUMNS}>
        {(column) => (
          <td class={`h-14 px-3 py-2 ${column.class}`}>
            <span class="skeleton inline-block h-3 w-3/4 max-w-40 min-w-10 align-middle" />
          </td>
        )}
      </For>
    </tr>
  );
}

/** The latest requests. Rows keep their elements, so focus, selection and scroll stay where they are as others arrive. */
export function RequestTable(props: {
  requests: LiveRequests;
  now: number;
  selected: string | null;
  onOpen: (id: string) => void;
}) {
  let body!: HTMLTableSectionElement;
  /** The row on top, and how far down it stood. */
  let top: { element: HTMLElement; offset: number } | null = null;

  // New rows push the others down; they glide there instead of jumping, if the reader sees that part of the table.
  createEffect(
    on(
      () => props.requests.rows[0]?.id,
      () => {
        const moved = top?.element.isConnected ? top.element.offsetTop - top.offset : 0;
        const first = body.querySelector<HTMLElement>("tr[data-request]");
        top = first && { element: first, offset: first.offsetTop };
        const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
        if (moved <= 0 || still || body.getBoundingClientRect().top < 0) return;
        body.animate([{ transform: `translateY(${-moved}px)` }, { transform: "none" }], {
          duration: SLIDE_MS,
          easing: "cubic-bezier(0.2, 0, 0, 1)",
        });
      },
    ),
  );

  // A pointer that rests where rows happen to appear is nobody reading them.
  const point = (event: PointerEvent) => {
    if (event.pointerType === "mouse" && (event.movementX !== 0 || event.movementY !== 0))
      props.requests.setReading(true);
  };

  const step = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const row = (event.target as HTMLElement).closest("tr");
    const next = event.key === "ArrowDown" ? row?.nextElementSibling : row?.previousElementSibling;
    if (!next) return;
    event.preventDefault();
    next.querySelector("button")?.focus();
  };

  return (
    <div class="-mx-3 mt-6 overflow-clip">
      <table class="w-full border-collapse text-table" aria-busy={!props.requests.loaded()}>
        <caption class="sr-only">The latest requests, newest first. Enter on a row opens its detail.</caption>
        <thead class="sticky top-0 z-10 bg-canvas">
          <tr class="border-b border-edge">
            <For each={COLUMNS}>
              {(column) => (
                <th
                  scope="col"
                  class={`px-3 py-2 text-meta font-semibold whitespace-nowrap text-ink-3 ${column.class.includes(NUMBER) ? "" : "text-left"} ${column.class}`}
                >
                  {column.name}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody
          ref={body}
          onKeyDown={step}
          onPointerMove={point}
          onPointerLeave={() => props.requests.setReading(false)}
        >
          <Show when={props.requests.loaded()} fallback={<For each={Array(SKELETON_ROWS)}>{SkeletonRow}</For>}>
            <For each={props.requests.rows}>
              {(request) => (
                <Row
                  request={request}
                  now={props.now}
                  arriving={props.requests.arrived.has(request.id)}
                  selected={props.selected === request.id}
                  onOpen={() => props.onOpen(request.id)}
                />
              )}
            </For>
          </Show>
        </tbody>
      </table>
    </div>
  );
}
