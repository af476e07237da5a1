import { type Accessor, createSignal } from "solid-js";
import type { Plot } from "./chart.ts";
import { bucketAt, moved, type Span, spanOf } from "./hit.ts";

/** Pixels that a pointer may tremble by without dragging. */
const TREMBLE = 4;

export interface ChartCursor {
  /** The bucket that is looked at; null: none is. */
  at: Accessor<number | null>;
  /** What is being chosen. */
  span: Accessor<Span | null>;
  handlers: {
    onPointerDown: (event: PointerEvent) => void;
    onPointerMove: (event: PointerEvent) => void;
    onPointerUp: (event: PointerEvent) => void;
    onPointerCancel: () => void;
    onPointerLeave: () => void;
    onKeyDown: (event: KeyboardEvent) => void;
    onFocus: (event: FocusEvent) => void;
    onBlur: () => void;
  };
}

/**
 * Where a chart is looked at, and what is chosen of it. By the pointer: hover, and drag. By the keyboard: arrows, Home and
 * End; Shift with them chooses, Enter takes it. Escape forgets what is being chosen, or goes back.
 */
export function createCursor(options: {
  buckets: Accessor<number>;
  plot: Accessor<Plot>;
  onSelect: Accessor<((from: number, to: number) => void) | undefined>;
  onReset: Accessor<(() => void) | undefined>;
}): ChartCursor {
  const [at, setAt] = createSignal<number | null>(null);
  const [span, setSpan] = createSignal<Span | null>(null);
  /** Where a drag, or a choice by Shift, has begun. */
  let anchor: number | null = null;
  let pressedAt: number | null = null;
  let dragging = false;

  const pixelOf = (event: PointerEvent) =>
    event.clientX - (event.currentTarget as Element).getBoundingClientRect().left;
  const bucketOf = (event: PointerEvent) => bucketAt(pixelOf(event), options.buckets(), options.plot());
  const forget = () => {
    anchor = null;
    pressedAt = null;
    dragging = false;
    setSpan(null);
  };
  const take = () => {
    const chosen = span();
    forget();
    // Other buckets are to come: what stood at this one would stand elsewhere.
    setAt(null);
    if (chosen) options.onSelect()?.(chosen.from, chosen.to);
  };

  return {
    at,
    span,
    handlers: {
      onPointerDown(event) {
        if (event.button !== 0 || !options.onSelect()) return;
        forget();
        anchor = bucketOf(event);
        pressedAt = pixelOf(event);
      },
      onPointerMove(event) {
        const bucket = bucketOf(event);
        if (bucket < 0) return;
        setAt(bucket);
        if (pressedAt === null || anchor === null) return;
        if (!dragging && Math.abs(pixelOf(event) - pressedAt) < TREMBLE) return;
        if (!dragging) (event.currentTarget as Element).setPointerCapture(event.pointerId);
        dragging = true;
        setSpan(spanOf(anchor, bucket));
      },
      onPointerUp() {
        if (dragging) take();
        else forget();
      },
      onPointerCancel: forget,
      onPointerLeave() {
        if (!dragging) setAt(null);
      },
      onKeyDown(event) {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        if (event.key === "Enter" && span()) {
          event.preventDefault();
          take();
          return;
        }
        if (event.key === "Escape") {
          if (span()) forget();
          else if (options.onReset()) options.onReset()?.();
          else return;
          event.preventDefault();
          event.stopPropagation();
          return;
        }
        const from = at() ?? options.buckets() - 1;
        const to = moved(event.key, from, options.buckets());
        if (to === null) return;
        event.preventDefault();
        if (event.shiftKey && options.onSelect()) {
          anchor ??= from;
          setSpan(spanOf(anchor, to));
        } else forget();
        setAt(to);
      },
      onFocus(event) {
        // A pointer's focus has its own place already.
        if ((event.currentTarget as Element).matches(":focus-visible") && at() === null && options.buckets() > 0)
          setAt(options.buckets() - 1);
      },
      onBlur() {
        if (dragging) return;
        forget();
        setAt(null);
      },
    },
  };
}
