const FILL = { ok: "text-accent", warn: "text-warn", bad: "text-bad" };

/** How much of something is used, as a bar; `text` says it in words. Over 100 percent it is full. */
export function Meter(props: {
  percent: number;
  label: string;
  text: string;
  tone?: keyof typeof FILL;
  class?: string;
}) {
  return (
    <meter
      aria-label={props.label}
      aria-valuetext={props.text}
      min="0"
      max="100"
      value={Math.max(0, Math.min(100, props.percent))}
      class={`gauge ${FILL[props.tone ?? "ok"]} ${props.class ?? "w-16"}`}
    />
  );
}
