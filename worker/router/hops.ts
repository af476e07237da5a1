import { GatewayError } from "../errors.ts";
import type { Target } from "./resolve.ts";

/** Counts the gateways that a request has come through: one whose provider leads back to a gateway would never end. */
const HEADER = "x-gaia-hop";
/** A gateway in front of a gateway is a set-up; more is a circle. */
const MOST_HOPS = 2;

const hopsOf = (client: Headers): number => {
  const text = client.get(HEADER) ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) : 0;
};

/** Throws `loop_detected` for a request that has come through too many gateways. */
export function refuseLoops(client: Headers): void {
  if (hopsOf(client) <= MOST_HOPS) return;
  throw new GatewayError(
    "loop_detected",
    `This request has come through more than ${MOST_HOPS} gateways. A provider's base URL leads back to one of them: correct it.`,
  );
}

/** Counts this gateway in what is sent to a target. A vendor itself is no gateway of ours, and is told nothing. */
export function countHop(headers: Headers, client: Headers, { connection }: Target): void {
  if (!connection.vendorsOwn) headers.set(HEADER, String(hopsOf(client) + 1));
}
