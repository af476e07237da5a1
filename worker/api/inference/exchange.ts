import type { DialectId } from "../../canonical/dialect-id.ts";
import { Losses } from "../../canonical/losses.ts";
import type { EventResult, Outcome } from "../../canonical/usage-event.ts";
import type { PriceRow } from "../../catalog/prices.ts";
import { type AnswerFacts, noAnswer } from "../../dialects/dialect.ts";
import type { Holder } from "../../ledger/holder.ts";
import type { PromptPrefixes } from "../../router/prompt-prefixes.ts";
import { resultOf } from "../../router/result.ts";
import type { Services } from "../../services.ts";
import type { RequestSpan } from "../../telemetry/request-span.ts";
import { recordedWarnings } from "./warnings.ts";

/** One admitted request, from the hold to its settlement, which happens exactly once whatever comes first. */
export class Exchange {
  readonly #services: Services;
  readonly #waitUntil: (promise: Promise<unknown>) => void;
  readonly #known: ExchangeFacts;
  readonly #end = Promise.withResolvers<void>();
  #held: { holder: Holder; handle: number } | null = null;
  #settled = false;
  /** The request, seen from outside. */
  readonly span: RequestSpan;
  /** Set as the walk goes on; read at the end. */
  sent = false;
  status = 0;
  firstByteAt: number | null = null;
  upstreamRequestId: string | null = null;
  attempts = 1;
  /** The client has left: whatever its answer comes to, it ends so. */
  clientGone = false;
  /** What it is rated by; null for a model without a price. */
  price: PriceRow | null;
  /** The output cap to send in place of the client's, once the Ledger has said so. */
  outputCap: number | null = null;
  /** The one that was sent, where it was not the client's own. */
  sentCap: number | null = null;
  /** The prompt, where what the provider counts of it is worth remembering. */
  prompt: PromptPrefixes | null = null;
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

  /** Resolves once it is settled, in the request it belongs to. */
  get ended(): Promise<void> {
    return this.#end.promise;
  }

  /**
   * Ends the exchange; only the first call counts. Returns what the request cost, in nano-USD, or null on later calls.
   */
  settle(outcome: Outcome, status: number, errorCode: string | null = null): number | null {
    if (this.#settled || this.#held === null) return null;
    const { holder, handle } = this.#held;
    this.#settled = true;
    const result = resultOf({
      outcome: this.clientGone ? "client_gone" : outcome,
      status: this.clientGone ? 499 : status,
      errorCode,
      attempts: this.attempts,
      facts: this.answer(),
      observed: { inputTokens: this.#known.inputTokens, outputCharacters: this.observedCharacters() },
      mostOutputTokens: this.#known.mostOutputTokens(this.outputCap),
      sent: this.sent,
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
    this.#remember(result);
    this.#services.toucher.release(holder, handle);
    this.#end.resolve();
    this.span.settled(result);
    this.#waitUntil(this.#services.telemetry.flush());
    this.#waitUntil(this.#services.settlements.add(holder, { handle, eventId: this.#known.eventId, result }));
    return result.costNano;
  }

  /** The prompt of the next request may begin with this one's. Endpoints of a provider may count differently. */
  #remember({ outcome, exact, inputUncached, cacheRead, cacheWrite }: EventResult): void {
    if (this.prompt === null || outcome !== "ok" || !exact || this.prompt.upstream !== this.upstreamDialect) return;
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
}
