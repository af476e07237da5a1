import type { Claim } from "../../drizzle/idempotency-claim.ts";

/**
 * Who changes or reads a tenant's configuration. It is made by whoever checked a key or a session, never from input: the
 * tenant a request touches is always the actor's own.
 */
export interface Actor {
  /** What the audit log names: a key's or a user's id. */
  id: string;
  rootId: string;
  /** Where in the tree the actor stands: it sees and changes this organization and those below. */
  organizationId: string;
  /** How the request came; nothing is known of it where it is left out. */
  origin?: Origin | undefined;
  /** Its hold on the request's `Idempotency-Key`; without one nothing keeps the request from being made twice. */
  claim?: Claim | undefined;
}

/** What the audit log keeps of a request beside its actor. */
export interface Origin {
  /** Of somebody signed in; null for a key. */
  sessionId: string | null;
  /** Keyed hashes: equal ones are equal, and neither address nor user agent can be told from them. */
  addressHash: string | null;
  agentHash: string | null;
}
