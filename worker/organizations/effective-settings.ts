import { LEAST_OUTPUT_TOKENS, type OrganizationSettings } from "../canonical/tenant.ts";
import { type OrganizationRow, settingsOf } from "./records.ts";

/** What holds where no organization says anything. Null: no cap beside the model's own. */
const DEFAULTS: OrganizationSettings = {
  defaultOutputTokens: null,
  maxOutputTokens: null,
  lowerCaps: true,
  leastOutputTokens: LEAST_OUTPUT_TOKENS,
  onLedgerDown: "block",
};

/** A setting in force, and the id of the organization it comes from. */
export interface Effective<Value> {
  value: Value;
  source: string;
}

/** What holds for an organization, given it and those above it, the nearest first: the nearest that says something decides. */
export function effectiveSettings(path: readonly Pick<OrganizationRow, "id" | "settings">[]): {
  [Name in keyof OrganizationSettings]: Effective<OrganizationSettings[Name]>;
} {
  const inForce = <Name extends keyof OrganizationSettings>(name: Name): Effective<OrganizationSettings[Name]> => {
    for (const { id, settings } of path) {
      const value = settingsOf(settings)[name];
      if (value !== null) return { value, source: id };
    }
    return { value: DEFAULTS[name], source: "default" };
  };
  return {
    defaultOutputTokens: inForce("defaultOutputTokens"),
    maxOutputTokens: inForce("maxOutputTokens"),
    lowerCaps: inForce("lowerCaps"),
    leastOutputTokens: inForce("leastOutputTokens"),
    onLedgerDown: inForce("onLedgerDown"),
  };
}
