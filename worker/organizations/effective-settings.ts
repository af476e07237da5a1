import { LEAST_OUTPUT_TOKENS, type OrganizationSettings, WAIT_SECONDS } from "../canonical/tenant.ts";
import { type OrganizationRow, settingsOf } from "./records.ts";

/** What the nearest organization decides, or the strictest; of models every organization has its say (`model-access.ts`). */
type Inherited = Omit<OrganizationSettings, "modelAccess">;

/** What holds where no organization says anything. Null: no cap beside the model's own. */
const DEFAULTS: Inherited = {
  defaultOutputTokens: null,
  maxOutputTokens: null,
  lowerCaps: true,
  leastOutputTokens: LEAST_OUTPUT_TOKENS,
  waitSeconds: WAIT_SECONDS,
  onLedgerDown: "block",
};

/** A setting in force, and the id of the organization it comes from. */
export interface Effective<Value> {
  value: Value;
  source: string;
}

/** An organization on a path, as far as settings need it. */
type Node = Pick<OrganizationRow, "id" | "settings">;

/**
 * What holds for an organization, given it and those above it, the nearest first. The nearest that says something decides,
 * but nobody below may lift what stands above: of the maxima of output tokens the lowest holds, and a `block` for when
 * the Ledger is away holds for everything below.
 */
export function effectiveSettings(path: readonly Node[]): {
  [Name in keyof Inherited]: Effective<Inherited[Name]>;
} {
  const inForce = <Name extends keyof Inherited>(name: Name): Effective<Inherited[Name]> => {
    for (const { id, settings } of path) {
      const value = settingsOf(settings)[name];
      if (value !== null) return { value, source: id };
    }
    return { value: DEFAULTS[name], source: "default" };
  };
  return {
    defaultOutputTokens: inForce("defaultOutputTokens"),
    maxOutputTokens: lowest(path) ?? inForce("maxOutputTokens"),
    lowerCaps: inForce("lowerCaps"),
    leastOutputTokens: inForce("leastOutputTokens"),
    waitSeconds: inForce("waitSeconds"),
    onLedgerDown: blocking(path) ?? inForce("onLedgerDown"),
  };
}

function lowest(path: readonly Node[]): Effective<number> | null {
  const set = path.flatMap(({ id, settings }) => {
    const value = settingsOf(settings).maxOutputTokens;
    return value === null ? [] : [{ value, source: id }];
  });
  return set.reduce<Effective<number> | null>((low, one) => (low === null || one.value < low.value ? one : low), null);
}

function blocking(path: readonly Node[]): Effective<"block"> | null {
  const found = path.find(({ settings }) => settingsOf(settings).onLedgerDown === "block");
  return found === undefined ? null : { value: "block", source: found.id };
}
