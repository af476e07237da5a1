import type { DialectId } from "../../canonical/dialect-id.ts";
import { Losses } from "../../canonical/losses.ts";
import type { AttemptRecord, EventResult, Outcome } from "../../canonical/usage-event.ts";
import type { PriceRow } from "../../catalog/prices.ts";
import { type AnswerFacts, noAnswer } from "../../dialects/dialect.ts";
import type { Holder } from "../../ledger/holder.ts";
import type { PromptPrefixes } from "../../router/prompt-prefixes.ts";
import { resultOf } from "../../router/result.ts";
import type { Services } from "../../services.ts";
import { type AttemptSpan, NO_ATTEMPT, type RequestSpan } from "../../telemetry/request-span.ts";
import type { Failing } from "./failed-attempt.ts";
import { recordedWarnings } from "./warnings.ts";

/** What a request has behind it when an attempt begins. */
export interface Before {
  /** Attempts that failed, and targets that were passed over. */
  tries: readonly AttemptRecord[];
  /** Calls of providers. */
  attempts: number;
  /** Nano-USD that those attempts may have cost. */
  costNano: number;
}

export const NOTHING_BEFORE: Before = { tries: [], attempts: 0, costNano: 0 };

/**
 * One attempt of an admitted request, and the hold it is made under: from there to its settlement, which happens exactly
 * once whatever comes first, or to the next attempt, which takes the hold over.
 */
export class Exchange {
  readonly #services: Services;
  readonly #waitUntil: (promise: Promise<unknown>) => void;
  readonly #known: ExchangeFacts;
  readonly #end = Promise.withResolvers<void>();
  readonly #begunAt: number;
  #held: { holder: Holder; handle: number } | null = null;
  #settled = false;
  /** The request, seen from outside. */
  readonly span: RequestSpan;
  /** The call that is under way. */
  attemptSpan: AttemptSpan = NO_ATTEMPT;
  /** Set as the walk goes on; read at the end. */
  sent = false;
  /** The status the provider answered with; null while none has come. */
  upstreamStatus: number | null = null;
  firstByteAt: number | null = null;
  upstreamRequestId: string | null = null;
  attempts: number;
  /** The client has left: whatever its answer comes to, it ends so. */
  clientGone = false;
  /** Another attempt may be about to take the hold over, perhaps at another holder: until that is known nothing settles. */
  handingOver = false;
  /** What it is rated by; null for a model without a price. */
  price: PriceRow | null;
  /** Targets that were passed over after it had failed. */
  passedOver: readonly AttemptRecord[] = [];
  /** The output cap to send in place of the client's, once the Ledger has said so. */
  outputCap: number | null = null;
  /** The one that was sent, where it was not the client's own. */
  sentCap: number | null = null;
  /** The prompt, where what the provider counts of it is worth remembering. */
  prompt: PromptPrefixes | null = null;
  /** Not all of it was sent: what the provider counts says nothing of the whole. */
  abridged = false;
  /** Null when no provider was asked. */
  upstreamDialect: string | null;
  losses = new Losses();
  answer: () => AnswerFacts = noAnswer;
  observedCharacters: () => number = () => 0;

  constructor(
    services: Services,
    known: ExchangeFacts,
    span: RequestSpan,
    waitUntil: (promise: Promise<unknown>) => void,
  ) {
    this.#services = services;
    this.#known = known;
    this.span = span;
    this.#waitUntil = waitUntil;
    this.#begunAt = services.now();
    this.attempts = known.before.attempts + 1;
    this.upstreamDialect = known.dialect;
    this.price = known.price;
  }

  /** The Ledger or a shard holds the request under this handle; until it settles, the isolate keeps the hold alive. */
  admitted(holder: Holder, handle: number): void {
    this.#held = { holder, handle };
    this.#services.toucher.hold(holder, handle);
  }

  get isSettled(): boolean {
    return this.#settled;
  }

  /** Who holds it, under which handle; null once it has ended, or another attempt has taken over. */
  get held(): { holder: Holder; handle: number } | null {
    return this.#settled ? null : this.#held;
  }

  /** Resolves once it is settled, in the request it belongs to. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  /**
   * Ends the exchange; only the first call counts. Returns what the request cost, in nano-USD, or null on later calls.
   * `ownCode` is what this attempt failed by, where the client is told of an earlier one.
   */
  settle(outcome: Outcome, status: number, errorCode: string | null = null, ownCode = errorCode): number | null {
    if (this.#settled || this.#held === null) return null;
    const { holder, handle } = this.#held;
    this.#settled = true;
    const { before, eventId } = this.#known;
    const own = this.#resultOf(this.clientGone ? "client_gone" : outcome, this.clientGone ? 499 : status, errorCode);
    const named = this.#known.target.credential !== null;
    const result = withOthers(own, { before, passedOver: this.passedOver, named }, () =>
      this.#record({ ...own, errorCode: ownCode }, outcome === "provider_error" || outcome === "timeout"),
    );
    this.#remember(result);
    this.#services.toucher.release(holder, handle);
    this.#end.resolve();
    this.span.settled(result);
    this.#waitUntil(this.#services.telemetry.flush());
    this.#waitUntil(this.#services.settlements.add(holder, { handle, eventId, result }));
    return result.costNano;
  }

  /**
   * What a request has behind it that goes on with another attempt, because this one failed: it may have cost something, and
   * nobody gets its answer.
   */
  after({ outcome, status, errorCode, upstreamStatus, billed }: Omit<Failing, "answer">): Before {
    this.attemptSpan.failed(errorCode ?? outcome, upstreamStatus);
    const own = this.#resultOf(outcome, upstreamStatus ?? status, errorCode, this.sent && billed !== false);
    const { tries, costNano } = this.#known.before;
    return {
      tries: [...tries, this.#record(own, true)],
      attempts: this.attempts,
      costNano: costNano + own.costNano,
    };
  }

  /** Another attempt has taken the hold over: whatever becomes of this one, it settles nothing. */
  handOver(): void {
    if (this.#settled || this.#held === null) return;
    const { holder, handle } = this.#held;
    this.#settled = true;
    this.#services.toucher.release(holder, handle);
    this.#end.resolve();
  }

  #record({ errorCode, costNano, durationMs }: EventResult, failed: boolean): AttemptRecord {
    const { startedAt, target } = this.#known;
    const startMs = this.#begunAt - startedAt;
    return {
      ...target,
      outcome: failed ? "failed" : "answered",
      reason: failed ? errorCode : null,
      status: this.upstreamStatus,
      startMs,
      // Of one moment with what the request took.
      durationMs: Math.max(0, durationMs - startMs),
      costNano,
    };
  }

  #resultOf(outcome: Outcome, status: number, errorCode: string | null, sent = this.sent): EventResult {
    return resultOf({
      ...{ outcome, status, errorCode },
      attempts: this.attempts,
      facts: this.answer(),
      observed: { inputTokens: this.#known.inputTokens, outputCharacters: this.observedCharacters() },
      mostOutputTokens: this.#known.mostOutputTokens(this.outputCap),
      sent,
      service: this.#known.service,
      price: this.price,
      priceOf: this.#known.priceOf,
      startedAt: this.#known.startedAt,
      firstByteAt: this.firstByteAt,
      endedAt: this.#services.now(),
      upstreamRequestId: this.upstreamRequestId,
      upstreamDialect: this.upstreamDialect,
      warnings: recordedWarnings(this.losses),
      outputCap: this.sentCap,
    });
  }

  /** The prompt of the next request may begin with this one's. Endpoints of a provider may count differently. */
  #remember({ outcome, exact, inputUncached, cacheRead, cacheWrite }: EventResult): void {
    const counted = outcome === "ok" && exact && !this.abridged;
    if (this.prompt === null || !counted || this.prompt.upstream !== this.upstreamDialect) return;
    const tokens = inputUncached + cacheRead + cacheWrite;
    this.#services.countedPrompts.remember(this.prompt, tokens, this.#services.now());
  }
}

export interface ExchangeFacts {
  eventId: string;
  /** The client's. */
  dialect: DialectId;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** Our own estimate of the prompt, used when the provider tells nothing. */
  inputTokens: number;
  /** What is held of output under the cap that is sent; null: the client's own. */
  mostOutputTokens(cap: number | null): number;
  /** The service the client asked for, in its word; null: none. */
  service: string | null;
  price: PriceRow | null;
  /** The price of another model of the same provider. */
  priceOf(servedModel: string): PriceRow | null;
  target: Pick<AttemptRecord, "provider" | "model" | "credential">;
  before: Before;
}

/**
 * The end of a request with what went before and after its last attempt. A credential that the operator has `named` is told
 * only there.
 */
function withOthers(
  own: EventResult,
  around: { before: Before; passedOver: readonly AttemptRecord[]; named: boolean },
  last: () => AttemptRecord,
): EventResult {
  const { passedOver, named } = around;
  const { tries, costNano } = around.before;
  if (tries.length + passedOver.length === 0 && !named) return own;
  return {
    ...own,
    tries: [...tries, last(), ...passedOver],
    failedCostNano: costNano,
    costNano: own.costNano + costNano,
  };
}
