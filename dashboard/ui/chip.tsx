import type { JSX } from "solid-js";

const TONES = {
  ok: "bg-ok-bg text-ok",
  warn: "bg-warn-bg text-warn",
  bad: "bg-bad-bg text-bad",
  info: "bg-info-bg text-info",
  plain: "bg-sunken text-ink-2",
};

/** A word or two about a thing's state. */
export function Chip(props: { tone: keyof typeof TONES; title?: string; children: JSX.Element }) {
  return (
    <span
      class={`inline-block whitespace-nowrap rounded-chip px-1.5 text-meta font-medium ${TONES[props.tone]}`}
      title={props.title}
    >
      {props.children}
    </span>
  );
}
