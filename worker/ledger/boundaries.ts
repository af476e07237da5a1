import type { TenantConfiguration } from "../canonical/tenant.ts";
import { CALENDAR_WINDOWS, dayAt } from "./windows.ts";

/** Since when Postgres is asked to add up. */
export interface Boundary {
  /** `total`, `day/2026-11-26`, … */
  window: string;
  /** The zone in which it begins; null: in every one. */
  zone: string | null;
  /** Milliseconds since the epoch; null: since ever. */
  from: number | null;
}

/** The sums since a boundary, of one key and the organization its requests were counted for. */
export interface BoundarySums {
  /** Place in the list of boundaries. */
  boundary: number;
  keyId: string;
  organizationId: string;
  settled: [requests: number, inputTokens: number, outputTokens: number, costNano: number];
}

/** The windows that are open at a moment, in each time zone of a tenant. */
export function boundariesOf({ organizations }: TenantConfiguration, now: number): Boundary[] {
  const zones = new Set(organizations.map(({ timeZone }) => timeZone));
  const calendars = [...zones].flatMap((zone) => {
    const { windows } = dayAt(now, zone);
    return CALENDAR_WINDOWS.map((kind): Boundary => ({ window: windows[kind].key, zone, from: windows[kind].from }));
  });
  return [{ window: "total", zone: null, from: null }, ...calendars];
}
