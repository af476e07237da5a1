import type { Caller } from "./admission.ts";
import type { ConfigurationCopy } from "./configuration-copy.ts";
import type { LimitStatus, OwnKey, PresentedKey } from "./contract.ts";
import type { Counters } from "./counters.ts";
import { dayAt } from "./windows.ts";

export interface OwnKeySources {
  copy: ConfigurationCopy;
  counters: Counters;
  /** Those of the key and of every organization above it. */
  limits: LimitStatus[];
  now: number;
}

/** What a key may know of itself: its terms, the limits that bind it, and what it has used today and this month. */
export function ownKeyOf({ record }: Caller, { mac }: PresentedKey, about: OwnKeySources): OwnKey {
  const { copy, counters, limits, now } = about;
  const { id, name, organizationId, expiresAt, previous, models, ipRanges, origins } = record;
  const { windows } = dayAt(now, copy.zoneOf(id));
  return {
    ...{ name, expiresAt, models, ipRanges, origins, limits },
    organization: copy.organization(organizationId)?.name ?? "",
    presentedUntil: previous?.mac === mac ? previous.expiresAt : null,
    usage: (["day", "month"] as const).map((window) => {
      const { key, from, until } = windows[window];
      return { window, startedAt: from, resetsAt: until, ...counters.of(id, key) };
    }),
  };
}
