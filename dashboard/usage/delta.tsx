import { Show } from "solid-js";
import { numberLocale, t } from "../text/text.ts";
import type { Change } from "./change.ts";
import type { Direction } from "./metrics.ts";

/** Less than what would be written as nothing is nothing. */
const isStill = (change: Change, as: "relative" | "points"): boolean =>
  change.kind === "none" || (change.kind === "by" && Math.abs(change.ratio) < (as === "points" ? 0.000_05 : 0.000_5));

/** A minus as wide as a plus, that no line breaks after. */
const withMinus = (text: string): string => text.replace("-", "−");

/** `+12.4%`, `−0.11 pt`. */
function changeText(change: Change, as: "relative" | "points"): string {
  if (change.kind === "none") return "—";
  if (change.kind === "new") return t("common.change.new");
  const sign: Intl.NumberFormatOptions = { signDisplay: "exceptZero" };
  if (as === "points") {
    const points = new Intl.NumberFormat(numberLocale(), { ...sign, maximumFractionDigits: 2 });
    return withMinus(t("common.change.points", { points: points.format(change.ratio * 100) }));
  }
  const digits = Math.abs(change.ratio) < 0.1 ? 1 : 0;
  const percents = new Intl.NumberFormat(numberLocale(), { ...sign, style: "percent", maximumFractionDigits: digits });
  return withMinus(percents.format(change.ratio));
}

/** A change in words; with a colour only where more of it is known to be good or bad. */
export function Delta(props: { change: Change; as: "relative" | "points"; up: Direction }) {
  const rising = () => props.change.kind === "new" || (props.change.kind === "by" && props.change.ratio > 0);
  const still = () => isStill(props.change, props.as);
  const ink = () => {
    if (props.up === null || still()) return "text-ink-2";
    return (props.up === "good") === rising() ? "text-ok" : "text-bad";
  };
  return (
    <span class={`whitespace-nowrap ${ink()}`}>
      <Show when={!still()}>
        <span aria-hidden="true" class="text-[0.625rem]">
          {rising() ? "▲" : "▼"}{" "}
        </span>
      </Show>
      {changeText(props.change, props.as)}
    </span>
  );
}
