import { z } from "zod";
import { LIMIT_METRICS, LIMIT_WINDOWS, type LimitMetric } from "../../canonical/tenant.ts";
import { GatewayError } from "../../errors.ts";
import { nanoFromUsd, usdFromNano } from "../../lib/money.ts";
import type { LimitTerms } from "../../organizations/limits.ts";
import type { LimitRow } from "../../organizations/records.ts";
import { idSchema, instantSchema, modelSchema } from "./validate.ts";

/** Requests, tokens or nano-USD. Whatever else comes, a text as well, is one and the same mistake: `invalid_value`. */
const amount = z
  .custom<number>(
    (value) => Number.isSafeInteger(value) && (value as number) >= 0,
    "Must be a whole number from 0 to 9007199254740991",
  )
  .meta({ type: "integer", minimum: 0 });
const amountUsd = z
  .custom<string>(
    (value) => typeof value === "string" && nanoFromUsd(value) !== null,
    'Must be an amount in USD as text, e.g. "12.50", with at most nine places',
  )
  .meta({ type: "string", examples: ["12.50"] });
const percent = z
  .custom<number>(
    (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 100,
    "Must be a whole number from 1 to 100",
  )
  .meta({ type: "integer", minimum: 1, maximum: 100 });

export const amountFields = {
  amount: amount.optional().describe("Requests, tokens or nano-USD (10⁻⁹ dollar). 0 allows nothing."),
  amount_usd: amountUsd.optional().describe("In place of `amount`, for a cost."),
};

const terms = {
  ...amountFields,
  mode: z.enum(["block", "warn"]).optional().describe("`warn` refuses nothing. A new limit without it is `block`."),
  thresholds: z
    .array(percent)
    .max(10)
    .refine(
      (list) => list.every((value, index) => index === 0 || value > (list[index - 1] ?? 0)),
      "Must ascend, each once",
    )
    .optional()
    .describe(
      "Percent of the amount at which an event is sent, ascending. A new limit without them has 50, 80 and 100.",
    ),
  override: z
    .strictObject({ amount: amount.optional(), amount_usd: amountUsd.optional(), until: instantSchema })
    .nullable()
    .optional()
    .describe("Another amount until a moment; null takes it back."),
  fallback: z
    .strictObject({ percent, model: modelSchema })
    .nullable()
    .optional()
    .describe("From so many percent on, requests go to this model."),
};

export const newLimit = z.strictObject({
  organization_id: idSchema("org").optional().describe("Where it stands: one of the two."),
  key_id: idSchema("key").optional(),
  metric: z.enum(LIMIT_METRICS),
  window: z.enum(LIMIT_WINDOWS).describe("`now` is for `concurrent_requests`, and nothing else is."),
  ...terms,
});

export const changedLimit = z.strictObject(terms);

/** Where a limit stands: exactly one of the two. Throws the GatewayError that says which is wrong. */
export function checkNode({
  organization_id,
  key_id,
}: {
  organization_id?: string | undefined;
  key_id?: string | undefined;
}): void {
  if (organization_id === undefined && key_id === undefined) {
    throw new GatewayError("missing_required_parameter", "Name an organization, or a key in 'key_id'.", {
      param: "organization_id",
    });
  }
  if (organization_id !== undefined && key_id !== undefined) {
    throw new GatewayError("invalid_value", "Name an organization or a key, not both.", { param: "key_id" });
  }
}

type Amount = { amount?: number | undefined; amount_usd?: string | undefined };

/** The amount, given in one of two ways; undefined when it is given in neither. */
function amountOf(given: Amount, metric: LimitMetric, path = ""): number | undefined {
  if (given.amount_usd === undefined) return given.amount;
  const refuse = (message: string) => {
    throw new GatewayError("invalid_value", message, { param: `${path}amount_usd` });
  };
  if (metric !== "cost") refuse("Only a limit of metric 'cost' is in USD. Give 'amount'.");
  if (given.amount !== undefined) refuse("Give 'amount' or 'amount_usd', not both.");
  return nanoFromUsd(given.amount_usd) ?? undefined;
}

const missing = (param: string) =>
  new GatewayError("missing_required_parameter", "This field is required, or 'amount_usd' for a cost.", { param });

/** The amount, which must be given. */
export function amountOfLimit(given: Amount, metric: LimitMetric): number {
  const amount = amountOf(given, metric);
  if (amount === undefined) throw missing("amount");
  return amount;
}

function overrideOf(given: z.output<typeof changedLimit>["override"], metric: LimitMetric, now: number) {
  if (given === undefined) return {};
  if (given === null) return { overrideAmount: null, overrideUntil: null };
  const overrideAmount = amountOf(given, metric, "override.");
  if (overrideAmount === undefined) throw missing("override.amount");
  if (given.until.getTime() <= now) {
    throw new GatewayError("invalid_value", "Must be in the future.", { param: "override.until" });
  }
  return { overrideAmount, overrideUntil: given.until };
}

/** The terms that a change names. Throws the GatewayError that says what is wrong between them. */
export function changedTerms(
  body: z.output<typeof changedLimit>,
  metric: LimitMetric,
  now: number,
): Partial<LimitTerms> {
  const amount = amountOf(body, metric);
  const { mode, thresholds, fallback } = body;
  return {
    ...(amount === undefined ? {} : { amount }),
    ...(mode === undefined ? {} : { mode }),
    ...(thresholds === undefined ? {} : { thresholds }),
    ...overrideOf(body.override, metric, now),
    ...(fallback === undefined
      ? {}
      : { fallbackPercent: fallback?.percent ?? null, fallbackModel: fallback?.model ?? null }),
  };
}

/** The terms of a new limit, with what is not named. */
export function newTerms(body: z.output<typeof newLimit>, now: number): LimitTerms {
  const { metric, window } = body;
  if ((metric === "concurrent_requests") !== (window === "now")) {
    throw new GatewayError("invalid_value", "Window 'now' is for 'concurrent_requests', and it for no other window.", {
      param: "window",
    });
  }
  const { amount, ...others } = changedTerms(body, metric, now);
  if (amount === undefined) throw missing("amount");
  const unnamed = { overrideAmount: null, overrideUntil: null, fallbackPercent: null, fallbackModel: null };
  return { mode: "block", thresholds: [50, 80, 100], ...unnamed, ...others, amount };
}

/** An amount both ways, exact; `amount_usd` is null where it is not money. */
const amountBody = (metric: LimitMetric, amount: number) => ({
  amount,
  amount_usd: metric === "cost" ? usdFromNano(amount) : null,
});

/** A limit as the API shows it. */
export const limitBody = (row: LimitRow) => ({
  id: row.id,
  organization_id: row.organizationId,
  key_id: row.keyId,
  metric: row.metric,
  window: row.window,
  ...amountBody(row.metric, row.amount),
  mode: row.mode,
  thresholds: row.thresholds,
  override:
    row.overrideAmount === null || row.overrideUntil === null
      ? null
      : { ...amountBody(row.metric, row.overrideAmount), until: row.overrideUntil.toISOString() },
  fallback:
    row.fallbackPercent === null || row.fallbackModel === null
      ? null
      : { percent: row.fallbackPercent, model: row.fallbackModel },
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
  version: row.version,
});
