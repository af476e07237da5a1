import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { instantTextSchema } from "./validate.ts";

const DAY_MS = 86_400_000;
/** So that one call's work has an end. */
const LONGEST_DAYS = 31;

/** A time from a moment on and before another; answers repeat both as they were sent. */
export const periodSchema = z.strictObject({
  from: instantTextSchema,
  to: instantTextSchema.describe("At most 31 days later; not included."),
});

/** Its bounds in milliseconds since the epoch; throws `invalid_value` when it is none, or longer than 31 days. */
export function readPeriod({ from, to }: z.output<typeof periodSchema>): { from: number; to: number } {
  const [begins, ends] = [Date.parse(from), Date.parse(to)];
  if (ends <= begins) throw new GatewayError("invalid_value", "Must be later than 'from'.", { param: "to" });
  if (ends - begins <= LONGEST_DAYS * DAY_MS) return { from: begins, to: ends };
  throw new GatewayError("invalid_value", `Must be at most ${LONGEST_DAYS} days after 'from'.`, { param: "to" });
}
