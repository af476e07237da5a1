const FILL = { ok: "bg-accent", warn: "bg-warn", bad: "bg-bad" };

/** How much of something is used, as a bar; `text` says it in words. Over 100 percent it is full. */
export function Meter(props: {
  percent: number;
  label: string;
  text: string;
  tone?: keyof typeof FILL;
  class?: string;
}) {
  const shown = () => Math.max(0, Math.min(100, props.percent));
  return (
    <>
      {/* Browsers draw a meter each in its own way: it is for those who listen, and the bar beside it for those who look. */}
      <meter class="sr-only" aria-label={props.label} aria-valuetext={props.text} min="0" max="100" value={shown()} />
      <span
        aria-hidden="true"
        class={`inline-block h-2 shrink-0 overflow-hidden rounded-chip bg-sunken ring-1 ring-edge ring-inset ${props.class ?? "w-16"}`}
      >
        <span class={`block h-full ${FILL[props.tone ?? "ok"]}`} style={{ width: `${shown()}%` }} />
      </span>
    </>
  );
}
