import { type JSX, splitProps } from "solid-js";

const LOOKS = {
  primary: "bg-accent text-on-accent hover:brightness-110 px-4",
  plain: "border border-edge text-ink hover:bg-sunken px-3",
  danger: "border border-bad text-bad hover:bg-bad-bg px-3",
  quiet: "text-ink-2 hover:bg-sunken hover:text-ink px-2.5",
};

/** A button; 32 px high, 44 px where fingers point. */
export function Button(props: { look: keyof typeof LOOKS } & JSX.ButtonHTMLAttributes<HTMLButtonElement>) {
  const [own, rest] = splitProps(props, ["look", "class"]);
  return (
    <button
      type="button"
      class={`inline-flex min-h-8 items-center justify-center gap-2 whitespace-nowrap rounded-control text-table font-medium transition-colors duration-100 disabled:opacity-60 pointer-coarse:min-h-11 ${LOOKS[own.look]} ${own.class ?? ""}`}
      {...rest}
    />
  );
}
