import { z } from "zod";
import { ROUTE_STRATEGIES } from "../../canonical/tenant.ts";
import { GatewayError } from "../../errors.ts";
import type { RouteRow } from "../../organizations/records.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { lineSchema, modelSchema } from "./validate.ts";

/** A model's name as a client may send it. */
export const routeName = lineSchema(256);

const weight = z
  .custom<number>(
    (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1_000,
    "Must be a whole number from 1 to 1000",
  )
  .meta({ type: "integer", minimum: 1, maximum: 1_000 });

const milliseconds = z
  .custom<number | null>(
    (value) =>
      value === null || (Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 3_600_000),
    "Must be a whole number of milliseconds from 100 to 3600000",
  )
  .meta({ type: ["integer", "null"] as never, minimum: 100, maximum: 3_600_000 });

const target = z.strictObject({
  model: modelSchema.describe("`provider/model`, as it is sent upstream."),
  credential: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, "Must be 1 to 32 characters of a-z, 0-9 and -")
    .nullable()
    .default(null)
    .describe("The operator's name for one of the provider's credentials; null, or left out: the default one."),
  weight: weight.default(1).describe("Its part in a route by weights."),
});

/** The index of the first target that another before it is too; -1 where each is there once. */
const repeated = (targets: readonly z.output<typeof target>[]): number =>
  targets.findIndex(({ model, credential }, index) =>
    targets.slice(0, index).some((before) => before.model === model && before.credential === credential),
  );

/** Where a route leads, and how long it waits. */
export const routeTerms = z.strictObject({
  strategy: z
    .enum(ROUTE_STRATEGIES)
    .describe("`ordered`: the first target that can; `weighted`: by conversation, in proportion to the weights."),
  targets: z
    .array(target)
    .min(1, "Must name at least one target")
    .max(16, "Must name at most 16 targets")
    .superRefine((targets, context) => {
      const index = repeated(targets);
      if (index < 0) return;
      context.addIssue({ code: "custom", path: [index], message: "Must not repeat a model with the same credential" });
    }),
  timeouts: z
    .strictObject({
      headers_ms: milliseconds.optional(),
      first_token_ms: milliseconds.optional(),
      idle_ms: milliseconds.optional(),
      total_ms: milliseconds.optional(),
    })
    .default({})
    .describe("Milliseconds; null, or left out: the gateway's own."),
});

/** A credential that the operator has not set up would be passed over by every request. */
export function requireCredentials(
  targets: RouteRow["targets"],
  { hasCredential }: AdminDependencies,
  within = "",
): void {
  for (const [index, { model, credential }] of targets.entries()) {
    if (credential === null || hasCredential(model, credential)) continue;
    throw new GatewayError(
      "invalid_value",
      `This gateway has no credential of that name for '${model}'. Ask its operator to set one, or leave it out.`,
      { param: `${within}targets[${index}].credential` },
    );
  }
}

/** Terms as they are stored: only time-outs that are set. */
export function storedTerms({
  strategy,
  targets,
  timeouts,
}: z.output<typeof routeTerms>): Pick<RouteRow, "strategy" | "targets" | "timeouts"> {
  const { headers_ms: headers, first_token_ms: firstToken, idle_ms: idle, total_ms: total } = timeouts;
  const set = Object.entries({ headers, firstToken, idle, total }).filter(([, ms]) => ms != null);
  return { strategy, targets, timeouts: Object.fromEntries(set) };
}
