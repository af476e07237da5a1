/** A key's allow-lists, and what they are held against. */
import { isListed } from "../canonical/model-list.ts";
import type { KeyRecord, RouteRecord } from "../canonical/tenant.ts";
import { isInRanges } from "../lib/ip-range.ts";
import type { AdmitRequest, ListDenial, Whence } from "./contract.ts";

/** Of a request that nothing is known of. */
export const NOWHERE: Whence = { address: null, origin: null };

/**
 * Where the key may be used from. An address that is not known is in no range. A browser names the page's origin with
 * every request that matters: a key that lists none is none for browsers.
 */
export function refusalOfWhence({ ipRanges, origins }: KeyRecord, { address, origin }: Whence): ListDenial | null {
  if (ipRanges !== null && (address === null || !isInRanges(address, ipRanges))) {
    return { ok: false, code: "ip_not_allowed", address };
  }
  if (origin !== null && !(origins ?? []).includes(origin)) return { ok: false, code: "origin_not_allowed", origin };
  return null;
}

/**
 * Which models the key may name. The first name is the one that is asked for: where it is a route's, what the route leads to
 * is its owner's choice. The others are the client's own fallbacks, which no route is looked up for. A request that does not
 * say what it names may not ask for anything.
 * @param route the route in force for the first name
 */
export function refusalOfModels(
  { models }: Pick<KeyRecord, "models">,
  { named, draft }: Pick<AdmitRequest, "named" | "draft">,
  route: RouteRecord | null,
): ListDenial | null {
  if (models === null) return null;
  const [first, ...fallbacks] = named;
  const asked = first ?? { name: draft.requestedModel, meaning: null, param: "model" };
  const spellings = [
    { named: asked, meaning: route === null ? asked.meaning : null },
    ...fallbacks.map((fallback) => ({ named: fallback, meaning: fallback.meaning })),
  ];
  const refused = spellings.find(
    ({ named: { name }, meaning }) => !isListed(models, name) && (meaning === null || !isListed(models, meaning)),
  );
  if (refused === undefined) return null;
  const { name, param } = refused.named;
  return { ok: false, code: "model_not_allowed", name, param, allowed: models };
}

/** Whether anything but the key itself decides if it may be used: then nothing is sent before the Ledger has said yes. */
export const isRestricted = ({ models, ipRanges, origins }: KeyRecord): boolean =>
  models !== null || ipRanges !== null || origins !== null;
