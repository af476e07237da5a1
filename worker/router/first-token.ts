import type { FailureKind } from "../canonical/stream-event.ts";
import { UpstreamError } from "../dialects/failure.ts";
import type { PiledReader } from "./piled-reader.ts";
import { OVERDUE, SILENT } from "./within-idle.ts";

/** How long is waited until a stream has begun its answer. */
export interface FirstTokenOptions {
  /** Milliseconds, from now on, until something decisive must be here; no ping puts it off. */
  firstTokenTimeout: number;
  /** Milliseconds without a byte after which the provider is given up. */
  idleTimeout: number;
  /** Milliseconds after which the wait ends without an outcome; null: it has one. */
  patience: number | null;
  /** Aborts the upstream call. */
  abortUpstream(): void;
  /** Fires when the upstream call has been aborted, by whomever. */
  upstreamAborted: AbortSignal;
  /** Called once, at the first body byte. */
  onFirstByte(): void;
}

/** How a wait ended: the answer has `begun`, the body has `ended`, or nothing was decided in the time that was given. */
export type FirstToken = "begun" | "ended" | "undecided";

/** A failure that shows in how a stream comes, not in what it says. */
const failing = (kind: FailureKind, code: string, message: string) => (): UpstreamError =>
  new UpstreamError({ kind, message, code, status: null });

export const brokenOff = failing("internal", "broken_off", "The provider broke off its answer.");
export const webPage = failing("malformed", "web_page", "The provider answered with a web page instead of a stream.");
const silent = failing("timeout", "idle_timeout", SILENT.message);
const late = failing("timeout", "first_token_timeout", "The provider did not begin its answer in time. Try again.");

/**
 * Reads until the answer has begun, which `take` tells of each piece; it throws where the stream begins with a failure.
 * Throws that, an UpstreamError for a body that breaks off, is silent or does not begin in time, or `OVERDUE`; the upstream
 * call is aborted then, and the reader let go.
 */
export async function awaitFirstToken(
  reader: Pick<PiledReader, "read" | "cancel">,
  options: FirstTokenOptions,
  take: (bytes: Uint8Array) => boolean,
): Promise<FirstToken> {
  const { upstreamAborted } = options;
  // An abort does not reach a body that has begun.
  const letGo = () => reader.cancel();
  upstreamAborted.addEventListener("abort", letGo, { once: true });
  if (upstreamAborted.aborted) letGo();
  try {
    return await reading(reader, options, take);
  } catch (error) {
    const aborted = upstreamAborted.aborted;
    options.abortUpstream();
    reader.cancel();
    throw aborted && upstreamAborted.reason === OVERDUE ? OVERDUE : error;
  } finally {
    upstreamAborted.removeEventListener("abort", letGo);
  }
}

async function reading(
  reader: Pick<PiledReader, "read">,
  options: FirstTokenOptions,
  take: (bytes: Uint8Array) => boolean,
): Promise<FirstToken> {
  const startedAt = Date.now();
  const expiresAt = startedAt + options.firstTokenTimeout;
  const givesUpAt = options.patience === null ? Number.POSITIVE_INFINITY : startedAt + options.patience;
  for (let begun = false; ; begun = true) {
    const now = Date.now();
    const until = Math.min(givesUpAt, expiresAt, now + options.idleTimeout);
    const bytes = until <= now ? "idle" : await read(reader, until - now);
    if (bytes === "idle") {
      if (until === givesUpAt) return "undecided";
      throw until === expiresAt ? late() : silent();
    }
    if (options.upstreamAborted.aborted) throw brokenOff();
    if (bytes === null) return "ended";
    if (!begun) options.onFirstByte();
    if (take(bytes)) return "begun";
  }
}

async function read(reader: Pick<PiledReader, "read">, milliseconds: number): Promise<Uint8Array | null | "idle"> {
  try {
    return await reader.read(milliseconds);
  } catch {
    throw brokenOff();
  }
}
