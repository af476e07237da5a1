import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { Warning, WarningCode } from "../../../worker/canonical/losses.ts";
import { GatewayError } from "../../../worker/errors.ts";
import type { Planned } from "./plan.ts";
import type { Mutation } from "./shape.ts";
import { type SilentField, silentRow } from "./silent-fields.ts";

/** Whether a field that was added to a request has escaped: it neither arrives nor is named. */

export type Outcome = Planned | GatewayError;

export type Verdict = "refused" | "named" | "arrives" | "silent" | "escaped";

/** Scalars of a JSON value, and empty containers, with the member each stands in. */
function* leavesOf(value: unknown, key = ""): Generator<[key: string, leaf: string]> {
  if (typeof value !== "object" || value === null) yield [key, String(value).toLowerCase()];
  else if (Object.keys(value).length === 0) yield [key, "{}"];
  else if (Array.isArray(value)) for (const inner of value) yield* leavesOf(inner, key);
  else for (const [name, inner] of Object.entries(value)) yield* leavesOf(inner, name);
}

/** What is sent, as facts that can be counted: each value, and each value with its member's name. */
function factsOf({ plan, body }: Planned): Map<string, number> {
  const facts = new Map<string, number>();
  const count = (fact: string) => facts.set(fact, (facts.get(fact) ?? 0) + 1);
  for (const [key, leaf] of leavesOf({ path: plan.path, ...body })) {
    count(leaf);
    count(`${key.toLowerCase()}=${leaf}`);
  }
  return facts;
}

/** Facts that are there more often with the field than without it. */
function news(without: Planned, withField: Planned): string[] {
  const before = factsOf(without);
  return [...factsOf(withField)].flatMap(([fact, times]) => (times > (before.get(fact) ?? 0) ? [fact] : []));
}

/** For a report: what is new in what is sent. */
export const difference = (without: Outcome, withField: Outcome): string =>
  withField instanceof GatewayError
    ? `${withField.code}@${withField.param}`
    : without instanceof GatewayError
      ? "base refused"
      : news(without, withField).join(" ").slice(0, 160);

/** Whether `leaf` is a fact, or, being long enough to be told apart, a piece of one. */
const holds = (facts: readonly string[], leaf: string): boolean =>
  facts.some((fact) => fact === leaf || (leaf.length > 3 && fact.includes(leaf)));

/** All of the value is sent and some of it is new; or what the table says becomes of it is new. */
function arrives({ sample, field }: Mutation, without: Planned, withField: Planned): boolean {
  const fresh = news(without, withField);
  if (field.arrivesAs?.some((leaf) => holds(fresh, String(leaf).toLowerCase()))) return true;
  const all = [...factsOf(withField).keys()];
  if (field.already?.some((fact) => all.includes(fact.toLowerCase()))) return true;
  const leaves = [...leavesOf(sample)].map(([, leaf]) => leaf);
  return leaves.some((leaf) => holds(fresh, leaf)) && leaves.every((leaf) => holds(all, leaf));
}

/** Whether one path is the other, or stands above or below it. */
function related(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short === long || (short !== "" && long.startsWith(short) && /^[.[]/.test(long.slice(short.length)));
}

/** Words for something that is gone, or made into something else, with everything in it. */
const AS_A_WHOLE: WarningCode[] = [
  "param_dropped",
  "part_dropped",
  "reasoning_state_dropped",
  "citation_dropped",
  "image_inlined",
  "history_repaired",
];

/** Whether the warning names the field: newly, or as it names all that the field stands in. */
function names(warning: Warning, path: string, known: readonly Warning[]): boolean {
  if (!related(warning.path, path)) return false;
  if (!known.some(({ code, path: before }) => code === warning.code && before === warning.path)) return true;
  if (warning.path.length >= path.length) return true;
  // A set of allowed tools that is emulated is named where it stands.
  if (warning.code === "tool_emulated") return warning.path.startsWith("tool_choice");
  return AS_A_WHOLE.includes(warning.code) && !["messages", "input", "contents", "tools"].includes(warning.path);
}

/** What became of the field for one target. */
export function judge(
  mutation: Mutation,
  client: ChatDialectId,
  upstream: ChatDialectId,
  without: Outcome,
  withField: Outcome,
): Verdict {
  const { path, field } = mutation;
  if (withField instanceof GatewayError) {
    const { param, code } = withField;
    if (param !== null && (related(path, param) || field.refusedAt?.test(param) === true)) return "refused";
    // Without the field it is refused as well, for something else that this target is never asked.
    return without instanceof GatewayError && without.code === code && without.param === param ? "refused" : "escaped";
  }
  const known = without instanceof GatewayError ? [] : without.losses.warnings;
  if (withField.losses.warnings.some((warning) => names(warning, path, known))) return "named";
  // Without the field the target refuses: that it takes the request now is what the field does.
  if (without instanceof GatewayError || arrives(mutation, without, withField)) return "arrives";
  const row = silentRow(mutation, client, upstream, withField);
  if (row === undefined) return "escaped";
  used.add(row);
  return "silent";
}

/** Rows of the table of silent fields that something was let go by. */
export const used = new Set<SilentField>();
