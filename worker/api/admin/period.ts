import { z } from "zod";
import { GatewayError } from "../../errors.ts";

const DAY_MS = 86_400_000;
/** So that one call's work has an end. */
const LONGEST_DAYS = 31;

const instantSchema = z.iso.datetime({ offset: true, error: "Must be a time like 2026-11-01T00:00:00Z" });

/** A time from a moment on and before another. */
export const periodSchema = z.strictObject({ from: instantSchema, to: instantSchema });

/** Its bounds in milliseconds since the epoch; throws `invalid_value` when it is none, or longer than 31 days. */
export function readPeriod({ from, to }: z.output<typeof periodSchema>): { from: number; to: number } {
  const [begins, ends] = [Date.parse(from), Date.parse(to)];
  if (ends <= begins) throw new GatewayError("invalid_value", "Must be later than 'from'.", { param: "to" });
  if (ends - begins <= LONGEST_DAYS * DAY_MS) return { from: begins, to: ends };
  throw new GatewayError("invalid_value", `Must be at most ${LONGEST_DAYS} days after 'from'.`, { param: "to" });
}
