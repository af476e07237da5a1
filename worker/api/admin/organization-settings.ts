import { z } from "zod";
import { MOST_WAIT_SECONDS, type OrganizationSettings } from "../../canonical/tenant.ts";
import { nanoFromUsd, usdFromNano } from "../../lib/money.ts";
import { effectiveSettings } from "../../organizations/effective-settings.ts";
import { accessRules } from "../../organizations/model-access.ts";
import { type OrganizationRow, settingsOf } from "../../organizations/records.ts";
import { modelSchema, PROVIDERS } from "./validate.ts";

/** No model writes so many; a larger number is a mistake. */
const tokens = z.int().min(1).max(100_000_000).nullable().optional();

/** What may be spent, in one of two ways, and for how long. */
const allowance = z
  .strictObject({
    cost_nano: z.int().min(0).optional(),
    cost_usd: z
      .string()
      .refine((text) => nanoFromUsd(text) !== null, 'Must be an amount in USD as text, e.g. "12.50"')
      .optional(),
    seconds: z.int().min(1).max(86_400),
  })
  .refine(
    ({ cost_nano, cost_usd }) => (cost_nano === undefined) !== (cost_usd === undefined),
    "Must hold one of 'cost_nano' and 'cost_usd'",
  )
  .transform(({ cost_nano, cost_usd, seconds }) => ({
    costNano: cost_nano ?? nanoFromUsd(cost_usd ?? "") ?? 0,
    seconds,
  }));

const EVERYTHING_OF = /^[^/]+\/\*$/;

/** `provider/model`, or `provider/*` for all of a provider's. */
const accessEntry = z
  .string()
  .max(256)
  .refine(
    (name) => modelSchema.safeParse(EVERYTHING_OF.test(name) ? name.replace("*", "any") : name).success,
    `Must be {provider}/{model} or {provider}/*, of a provider there is: ${PROVIDERS}`,
  );

const MOST_ENTRIES = 1_000;

const accessList = z
  .array(accessEntry)
  .max(MOST_ENTRIES, `Must name at most ${MOST_ENTRIES}`)
  .refine((names) => new Set(names).size === names.length, "Must name each once")
  .default([]);

const modelAccess = z
  .strictObject({ mode: z.enum(["all", "listed"]), enabled: accessList, disabled: accessList })
  .refine(({ enabled, disabled }) => !enabled.some((name) => disabled.includes(name)), {
    path: ["disabled"],
    message: "Must not name what is enabled too",
  });

/** What an organization decides; null: inherited from now on, left out: as it is. */
export const settingsSchema = z.strictObject({
  default_output_tokens: tokens.describe("The output cap of a request that names none."),
  max_output_tokens: tokens.describe("The most output tokens that a request may ask for."),
  lower_caps: z
    .boolean()
    .nullable()
    .optional()
    .describe("A request that does not fit may be sent with a lower output cap."),
  least_output_tokens: tokens.describe("No cap is lowered below this."),
  wait_seconds: z
    .int()
    .min(0)
    .max(MOST_WAIT_SECONDS)
    .nullable()
    .optional()
    .describe("How long a request may wait for room in a limit."),
  on_ledger_down: z
    .union([z.literal("block"), allowance])
    .nullable()
    .optional()
    .describe("What may be spent while the Ledger cannot be reached: nothing, or so much for so long."),
  model_access: modelAccess
    .nullable()
    .optional()
    .describe("Which models it allows itself and those below; what one above does not allow nobody below can."),
});

/** The settings a body names, in our own words. */
export function settingsOfBody(body: z.output<typeof settingsSchema>): Partial<OrganizationSettings> {
  const named: { [Name in keyof OrganizationSettings]: OrganizationSettings[Name] | undefined } = {
    defaultOutputTokens: body.default_output_tokens,
    maxOutputTokens: body.max_output_tokens,
    lowerCaps: body.lower_caps,
    leastOutputTokens: body.least_output_tokens,
    waitSeconds: body.wait_seconds,
    onLedgerDown: body.on_ledger_down,
    modelAccess: body.model_access,
  };
  return Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined));
}

function allowanceBody(value: OrganizationSettings["onLedgerDown"]) {
  if (value === null || value === "block") return value;
  return { cost_nano: value.costNano, cost_usd: usdFromNano(value.costNano), seconds: value.seconds };
}

/** What an organization decides itself; null where it inherits. */
export function settingsBody(row: Pick<OrganizationRow, "settings">) {
  const settings = settingsOf(row.settings);
  return {
    default_output_tokens: settings.defaultOutputTokens,
    max_output_tokens: settings.maxOutputTokens,
    lower_caps: settings.lowerCaps,
    least_output_tokens: settings.leastOutputTokens,
    wait_seconds: settings.waitSeconds,
    on_ledger_down: allowanceBody(settings.onLedgerDown),
    model_access: settings.modelAccess,
  };
}

/** What is in force, each value with the id of the organization it comes from, or `default`. */
export function effectiveBody(path: readonly OrganizationRow[]) {
  const effective = effectiveSettings(path);
  const { value, source } = effective.onLedgerDown;
  return {
    default_output_tokens: effective.defaultOutputTokens,
    max_output_tokens: effective.maxOutputTokens,
    lower_caps: effective.lowerCaps,
    least_output_tokens: effective.leastOutputTokens,
    wait_seconds: effective.waitSeconds,
    on_ledger_down: { value: allowanceBody(value), source },
    /** The nearest first; a model may be used where every one of them allows it. */
    model_access: accessRules(path).map((rule) => ({ value: rule.access, source: rule.organizationId })),
  };
}
