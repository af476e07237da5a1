import { useQuery } from "@tanstack/solid-query";
import { createMemo, createSignal, createUniqueId, Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { count } from "../../format/numbers.ts";
import { dateAndTime } from "../../format/time.ts";
import { t } from "../../text/text.ts";
import type { LogFilters } from "./log-filters.ts";

const BARS = 96;
const HEIGHT = 56;

/** Requests over time above the list; what failed is hatched. A stretch is chosen by dragging, or by Shift and arrows. */
export function Volume(props: { filters: LogFilters }) {
  const bars = useQuery(() => ({
    queryKey: ["logs", "histogram", props.filters.query()],
    queryFn: ({ signal }) =>
      ask(
        api.requests.histogram.$get({ query: { ...props.filters.query(), bars: String(BARS) } }, { init: { signal } }),
      ),
  }));
  const [span, setSpan] = createSignal<{ one: number; other: number } | null>(null);
  const hatch = createUniqueId();
  let svg!: SVGSVGElement;
  /** Pixels are wider than they are high: a bar is a unit wide whatever the screen. */
  const scale = () => Math.max(1, data().length) / 1100;

  const data = () => bars.data?.data ?? [];
  const most = createMemo(() => Math.max(1, ...data().map(({ requests }) => requests)));
  const total = () => data().reduce((sum, { requests }) => sum + requests, 0);
  const failed = () => data().reduce((sum, { errors }) => sum + errors, 0);
  const path = (of: "requests" | "errors") =>
    data()
      .map((bar, index) => {
        const height = bar[of] === 0 ? 0 : Math.max(2, (bar[of] / most()) * HEIGHT);
        return height === 0 ? "" : `M${index + 0.1} ${HEIGHT}v${-height}h0.8v${height}z`;
      })
      .join("");
  const at = (event: PointerEvent) => {
    const box = svg.getBoundingClientRect();
    return Math.max(
      0,
      Math.min(data().length - 1, Math.floor(((event.clientX - box.left) / box.width) * data().length)),
    );
  };
  const bounds = () => {
    const chosen = span();
    return chosen && { from: Math.min(chosen.one, chosen.other), to: Math.max(chosen.one, chosen.other) };
  };
  const words = () => {
    const chosen = bounds();
    const [first, last] = chosen ? [data()[chosen.from], data()[chosen.to]] : [undefined, undefined];
    if (!chosen || !first || !last)
      return t("logs.volume.summary", { requests: count(total()), errors: count(failed()) });
    const inside = data().slice(chosen.from, chosen.to + 1);
    return t("logs.volume.chosen", {
      from: dateAndTime(first.from),
      to: dateAndTime(last.to),
      requests: count(inside.reduce((sum, { requests }) => sum + requests, 0)),
      errors: count(inside.reduce((sum, { errors }) => sum + errors, 0)),
    });
  };
  const choose = () => {
    const chosen = bounds();
    const [first, last] = chosen ? [data()[chosen.from], data()[chosen.to]] : [undefined, undefined];
    setSpan(null);
    if (first && last) props.filters.scope.setRange(first.from, last.to);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by !== undefined) {
      const was = span() ?? { one: data().length - 1, other: data().length - 1 };
      const other = Math.max(0, Math.min(data().length - 1, was.other + by));
      setSpan({ one: event.shiftKey ? was.one : other, other });
    } else if (event.key === "Enter" && span()) choose();
    else if (event.key === "Escape" && span()) setSpan(null);
    else return;
    event.preventDefault();
  };

  return (
    <section aria-label={t("logs.volume.label")} aria-busy={bars.isFetching} class="-mt-2">
      <div
        role="slider"
        tabIndex={0}
        aria-label={t("logs.volume.label")}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, data().length - 1)}
        aria-valuenow={span()?.other ?? Math.max(0, data().length - 1)}
        aria-valuetext={words()}
        class="cursor-crosshair touch-pan-y border-b border-edge"
        onKeyDown={onKeyDown}
        onBlur={() => setSpan(null)}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setSpan({ one: at(event), other: at(event) });
        }}
        onPointerMove={(event) => {
          const chosen = span();
          if (chosen && event.currentTarget.hasPointerCapture(event.pointerId))
            setSpan({ one: chosen.one, other: at(event) });
        }}
        onPointerUp={choose}
        onPointerCancel={() => setSpan(null)}
      >
        <svg
          ref={svg}
          class="block h-14 w-full"
          viewBox={`0 0 ${Math.max(1, data().length)} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
        >
          <Show when={bounds()}>
            {(chosen) => (
              <rect class="fill-accent-bg" x={chosen().from} width={chosen().to - chosen().from + 1} height={HEIGHT} />
            )}
          </Show>
          <defs>
            <pattern
              id={hatch}
              width="3"
              height="3"
              patternUnits="userSpaceOnUse"
              patternTransform={`scale(${scale()} 1) rotate(45)`}
            >
              <rect class="fill-bad-bg" width="3" height="3" />
              <rect class="fill-bad" width="1.5" height="3" />
            </pattern>
          </defs>
          <path class="fill-series-other" d={path("requests")} />
          <path fill={`url(#${hatch})`} d={path("errors")} />
        </svg>
      </div>
      <p class="mt-1 flex min-h-5 flex-wrap justify-between gap-x-4 text-meta text-ink-3">
        <span>{words()}</span>
        <span class="max-md:hidden">{t("logs.volume.hint")}</span>
      </p>
    </section>
  );
}
