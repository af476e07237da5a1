import { figure as digits, table } from "../report.ts";

/** One line of the table. */
export interface Figure {
  name: string;
  measured: number | string;
  /** The most it may be; a figure without one is told only. */
  target?: number;
  unit?: string;
  /** The same of the floor, in the same run. */
  floor?: number;
  /** A gate fails the run where it is above its target; what follows from the machine's pace is told, not held against it. */
  isGate?: boolean;
  /** What was found, where a number alone does not say it. */
  found?: readonly string[];
}

export const gate = (
  name: string,
  measured: number,
  target: number,
  unit = "",
  found: readonly string[] = [],
): Figure => ({
  ...{ name, measured, target, unit, found, isGate: true },
});

export const timing = (name: string, measured: number, target: number, floor?: number, unit = "ms"): Figure => ({
  ...{ name, measured, target, unit },
  ...(floor === undefined ? {} : { floor }),
});

const isAbove = ({ measured, target }: Figure): boolean =>
  target !== undefined && (typeof measured !== "number" || !(measured <= target));

/** Whether it fails the run. */
export const fails = (figure: Figure): boolean => figure.isGate === true && isAbove(figure);

const told = (value: number | string | undefined, unit = ""): string =>
  value === undefined
    ? ""
    : typeof value === "string"
      ? value
      : `${Number.isInteger(value) ? value : digits(value)} ${unit}`.trim();

/** The figures as a table in Markdown, then what was found where one is above its target. */
export function report(figures: readonly Figure[]): string {
  const rows = figures.map((one) => [
    one.name,
    told(one.measured, one.unit),
    one.target === undefined ? "" : `≤ ${told(one.target, one.unit)}`,
    told(one.floor, one.unit),
    one.floor && typeof one.measured === "number" ? digits(one.measured / one.floor) : "",
    one.target === undefined ? "" : isAbove(one) ? (one.isGate ? "**fails**" : "**above**") : "holds",
  ]);
  const found = figures.filter(isAbove).flatMap(({ name, found: all = [] }) => all.map((one) => `- ${name}: ${one}`));
  return [
    table(["figure", "measured", "target", "floor", "÷ floor", ""], rows),
    ...(found.length > 0 ? ["", ...found] : []),
  ].join("\n");
}
