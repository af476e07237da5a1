import { createHash } from "node:crypto";
import type { ROUTE_STRATEGIES } from "../canonical/tenant.ts";
import type { Cooldowns } from "../lib/cooldowns.ts";
import type { ProviderId } from "../providers/provider.ts";
import type { Breakers } from "./breaker.ts";
import type { Target } from "./resolve.ts";

/** The name of a target wherever its health is spoken of; nothing after the `@` for the default credential. */
export const targetKey = (provider: ProviderId, upstreamModel: string, credential: string | null): string =>
  `${provider}/${upstreamModel}@${credential ?? ""}`;

/** A target that may serve a request. */
export interface Candidate {
  target: Target;
  /** `targetKey` of it. */
  key: string;
  /** A whole number from 1 on. */
  weight: number;
  /** Who named it: a route, the request's own list of fallbacks, or the request's model. */
  from: "route" | "fallback" | "model";
}

type Weighed = Pick<Candidate, "key" | "weight">;

export interface Ordering<C extends Weighed> {
  strategy: (typeof ROUTE_STRATEGIES)[number];
  targets: readonly C[];
  /** `conversationKey` of the request; one without a conversation has its own id here, so that load spreads by weight. */
  conversation: string;
}

/**
 * The targets in the order in which they are asked. `weighted` is weighted rendezvous hashing: each conversation has an
 * order of its own that no isolate has to remember; it begins with a target as often as the weights say, and stays what it
 * is but for the targets that come or go.
 */
export function orderTargets<C extends Weighed>({ strategy, targets, conversation }: Ordering<C>): C[] {
  if (strategy === "ordered") return [...targets];
  const placed = targets.map((target) => ({
    target,
    place: -Math.log(drawn(target.key, conversation)) / target.weight,
  }));
  return placed.sort((left, right) => left.place - right.place).map(({ target }) => target);
}

/** Digits of a hash that a number holds exactly: 52 bits. */
const DIGITS = 13;

/** A number between 0 and 1, both excluded, that is the same for a target and a conversation everywhere. */
function drawn(key: string, conversation: string): number {
  const digest = createHash("sha256").update(`${key}\n${conversation}`).digest("hex");
  return (Number.parseInt(digest.slice(0, DIGITS), 16) + 0.5) / 16 ** DIGITS;
}

/** What is known of targets' health. */
export interface Health {
  breakers: Pick<Breakers, "blockedUntil">;
  cooldowns: Pick<Cooldowns, "until">;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Until when a target is better left alone; null: it is well. */
export function ailingUntil(key: string, { breakers, cooldowns, now }: Health): number | null {
  const ends = [breakers.blockedUntil(key, now), cooldowns.until(key, now)].filter((end) => end !== null);
  return ends.length === 0 ? null : Math.max(...ends);
}

/**
 * Those that are well, in their order, then the others, the soonest to be well first: where none is well, the least bad one
 * is still tried.
 */
export function byHealth<C extends Pick<Candidate, "key">>(candidates: readonly C[], health: Health): C[] {
  const judged = candidates.map((candidate) => ({ candidate, until: ailingUntil(candidate.key, health) ?? 0 }));
  return judged.sort((left, right) => left.until - right.until).map(({ candidate }) => candidate);
}
