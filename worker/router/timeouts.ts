import type { RouteTimeouts } from "../canonical/tenant.ts";
import type { CatalogModel } from "../catalog/models.ts";
import type { Settings } from "../env.ts";

/** How long one attempt may take, in milliseconds. */
export interface AttemptTimeouts {
  /** Until an answer's headers are here. A whole answer has them only when it is done. */
  headers: number;
  /** Until something of a stream's answer itself is here: neither its headers nor a ping are. */
  firstToken: number;
  /** Between two pieces of a stream; any byte starts it anew. */
  idle: number;
  /** From its beginning to its end. */
  total: number;
}

/** The time-outs of an attempt at a model; what a route says of its own goes first. */
export type TimeoutsFor = (
  model: CatalogModel | null,
  streamed: boolean,
  overrides: RouteTimeouts | null,
) => AttemptTimeouts;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const PLAIN = { headers: MINUTE, firstToken: MINUTE, idle: 2 * MINUTE };
/** A model that reasons may be silent for minutes before it speaks. */
const REASONING = { headers: 5 * MINUTE, firstToken: 5 * MINUTE, idle: 5 * MINUTE };
const WHOLE = 10 * MINUTE;
const STREAM = 15 * MINUTE;

/** A model the catalogue does not know may reason. */
const patience = (model: CatalogModel | null) => (model?.capabilities?.reasoning === "none" ? PLAIN : REASONING);

/** The operator's settings stand above the defaults, a route's own above both. */
export const timeoutsFrom =
  (settings: Settings): TimeoutsFor =>
  (model, streamed, overrides) => {
    const { headers, firstToken, idle } = patience(model);
    return {
      headers: overrides?.headers ?? settings.UPSTREAM_HEADERS_TIMEOUT_MS ?? (streamed ? headers : WHOLE),
      firstToken: overrides?.firstToken ?? settings.UPSTREAM_FIRST_TOKEN_TIMEOUT_MS ?? firstToken,
      idle: overrides?.idle ?? settings.UPSTREAM_IDLE_TIMEOUT_MS ?? idle,
      total: overrides?.total ?? settings.UPSTREAM_TOTAL_TIMEOUT_MS ?? (streamed ? STREAM : WHOLE),
    };
  };

const COUNT = 10 * SECOND;

/** Milliseconds until a token count is here; then it is estimated. */
export const countTimeoutFrom = (settings: Settings): number =>
  Math.min(settings.UPSTREAM_HEADERS_TIMEOUT_MS ?? COUNT, COUNT);
