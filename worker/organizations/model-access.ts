import type { Database } from "../../drizzle/client.ts";
import { type AccessRule, allowsModel, type ModelAccess, ruleAgainst } from "../canonical/model-access.ts";
import type { ConfigurationChange } from "../canonical/tenant.ts";
import { GatewayError } from "../errors.ts";
import type { Actor } from "./actor.ts";
import { changeOrganization, organizationPath } from "./organizations.ts";
import { type OrganizationRow, settingsOf } from "./records.ts";

/** What the organizations of a path say of models, the nearest first; every one of them holds. */
export const accessRules = (path: readonly Pick<OrganizationRow, "id" | "name" | "settings">[]): AccessRule[] =>
  path.flatMap(({ id, name, settings }) => {
    const access = settingsOf(settings).modelAccess;
    return access === null ? [] : [{ organizationId: id, name, access }];
  });

const EVERYTHING: ModelAccess = { mode: "all", enabled: [], disabled: [] };

const without = (names: readonly string[], name: string): string[] => names.filter((one) => one !== name);

/** The rule that allows a model, or does not, with as few entries as can be. */
function switched(access: ModelAccess, model: string, enable: boolean): ModelAccess {
  const bare = { ...access, enabled: without(access.enabled, model), disabled: without(access.disabled, model) };
  if (allowsModel(bare, model) === enable) return bare;
  return enable ? { ...bare, enabled: [...bare.enabled, model] } : { ...bare, disabled: [...bare.disabled, model] };
}

/** A rule's lists are at most so long. */
const MOST_ENTRIES = 1_000;

export interface SwitchedModels {
  /** By model: null where it is as it was wanted. */
  outcomes: Map<string, GatewayError | null>;
  /** Null: none of them can be. */
  change: ConfigurationChange | null;
}

/**
 * Enables or disables models for an organization and those below, in one change: a model that one above does not allow keeps
 * none of the others. Throws `not_found` for the organization.
 */
export async function switchModels({
  database,
  actor,
  now,
  organizationId,
  models,
  enable,
}: {
  database: Database;
  actor: Actor;
  now: number;
  organizationId: string;
  /** Each once. */
  models: readonly string[];
  enable: boolean;
}): Promise<SwitchedModels> {
  const path = await organizationPath(database, actor, organizationId);
  const [, ...above] = path;
  const outcomes = new Map(models.map((model) => [model, enable ? forbidden(accessRules(above), model) : null]));
  const wanted = models.filter((model) => outcomes.get(model) === null);
  if (wanted.length === 0) return { outcomes, change: null };
  const { change } = await changeOrganization({
    ...{ database, actor, now, id: organizationId },
    check: () => {},
    action: enable ? "organization.enable_models" : "organization.disable_models",
    input: ({ settings }) => {
      const before = settingsOf(settings).modelAccess ?? EVERYTHING;
      const after = wanted.reduce((access, model) => switched(access, model, enable), before);
      if (after.enabled.length > MOST_ENTRIES || after.disabled.length > MOST_ENTRIES) throw tooMany();
      return { settings: { modelAccess: isEverything(after) ? null : after } };
    },
  });
  return { outcomes, change };
}

const isEverything = ({ mode, enabled, disabled }: ModelAccess): boolean =>
  mode === "all" && enabled.length === 0 && disabled.length === 0;

const tooMany = (): GatewayError =>
  new GatewayError(
    "invalid_value",
    `At most ${MOST_ENTRIES} models are named. Allow or disable {provider}/* instead.`,
    {
      param: "models",
    },
  );

function forbidden(above: readonly AccessRule[], model: string): GatewayError | null {
  const rule = ruleAgainst(above, model);
  if (rule === null) return null;
  return new GatewayError(
    "model_not_allowed",
    `The organization '${rule.name}' above does not allow it: nobody below can enable it.`,
  );
}
