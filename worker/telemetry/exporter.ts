import { log } from "../lib/log.ts";

/** What an exporter needs of the world. */
export interface ExporterWorld {
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

export interface ExporterOptions<Item> extends ExporterWorld {
  /** For the log: which exporter speaks. */
  signal: "traces" | "logs";
  url: string;
  headers: Record<string, string>;
  /** Items as a body of OTLP/JSON. */
  serialize(items: Item[]): Uint8Array | undefined;
  /** Nothing more is about to come that is worth waiting for. */
  isIdle(): boolean;
}

const MOST_IN_A_BATCH = 512;
/** What waits beyond that pushes the oldest out: a receiver that is away costs no more memory than this. */
const MOST_WAITING = 2048;
/** How long others are waited for, to travel along; and where nobody is under way. */
const GATHER_MS = 1_000;
const GATHER_IDLE_MS = 50;
/** Whoever gathers may be ended by the platform; from then on another may. */
const OVERDUE_MS = 1_000;
const TIMEOUT_MS = 5_000;
/** The longest that a receiver which asks for it is waited for. */
const MOST_RETRY_MS = 5_000;
/** One that failed is left alone for so long. */
const REST_MS = 10_000;
const COMPLAIN_EVERY_MS = 60_000;

/** Statuses that OTLP/HTTP allows to be tried again. */
const RETRYABLE = new Set([429, 502, 503, 504]);

/**
 * Brings spans or lines of the log to an OTLP receiver. What waits is plain data of the isolate; whoever calls `flush` sends
 * it, in a context of its own, for in workerd a call belongs to the request that makes it. Nothing here throws, holds a
 * response back, or grows without bound: what a receiver does not take is dropped, counted, and told of once a minute.
 */
export class Exporter<Item> {
  readonly #options: ExporterOptions<Item>;
  #waiting: Item[] = [];
  #gatheringUntil = 0;
  /** Until then somebody sends, or the receiver is left alone. */
  #busyUntil = 0;
  #dropped = 0;
  #complainedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ExporterOptions<Item>) {
    this.#options = options;
  }

  add(item: Item): void {
    this.#waiting.push(item);
    if (this.#waiting.length <= MOST_WAITING) return;
    this.#waiting.shift();
    this.#complain(1, "more came than was sent");
  }

  /** Sends what waits, unless another does. Give it to `waitUntil`; it never rejects. */
  async flush(): Promise<void> {
    const { now, sleep, isIdle } = this.#options;
    if (this.#waiting.length === 0 || now() < this.#busyUntil) return;
    if (this.#waiting.length < MOST_IN_A_BATCH) {
      if (now() < this.#gatheringUntil) return;
      const gather = isIdle() ? GATHER_IDLE_MS : GATHER_MS;
      this.#gatheringUntil = now() + gather + OVERDUE_MS;
      await sleep(gather);
      this.#gatheringUntil = 0;
      if (now() < this.#busyUntil) return;
    }
    while (this.#waiting.length > 0) {
      this.#busyUntil = now() + 2 * TIMEOUT_MS + MOST_RETRY_MS;
      const sent = await this.#send(this.#waiting.splice(0, MOST_IN_A_BATCH));
      this.#busyUntil = sent ? 0 : now() + REST_MS;
      if (!sent) return;
    }
  }

  /** Whether the batch is done with; false: the receiver is to be left alone for a while. */
  async #send(batch: Item[]): Promise<boolean> {
    try {
      const body = this.#options.serialize(batch);
      let response = await this.#post(body);
      if (RETRYABLE.has(response.status)) {
        await response.body?.cancel();
        await this.#options.sleep(retryAfter(response, this.#options.now()));
        response = await this.#post(body);
      }
      const text = await response.text();
      if (response.ok) this.#readRejections(text);
      else this.#complain(batch.length, `status ${response.status}`);
      return response.ok;
    } catch (error) {
      this.#complain(batch.length, String(error));
      return false;
    }
  }

  #post(body: Uint8Array | undefined): Promise<Response> {
    const { url, headers, fetch } = this.#options;
    return fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
      // The headers may hold a credential, which is for this address only.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  }

  /** A receiver may take a part only, and says so in a 200 (OTLP/HTTP: partial success). */
  #readRejections(text: string): void {
    let rejected = 0;
    try {
      const { partialSuccess = {} } = JSON.parse(text || "{}");
      rejected = Number(partialSuccess.rejectedSpans ?? partialSuccess.rejectedLogRecords ?? 0);
    } catch {
      // Not every receiver answers in JSON; it has taken what it was sent.
    }
    if (rejected > 0) this.#complain(rejected, "the receiver rejected them");
  }

  /** Written to the console only: a line about a receiver that is away must not wait for it. */
  #complain(dropped: number, message: string): void {
    this.#dropped += dropped;
    const now = this.#options.now();
    if (now - this.#complainedAt < COMPLAIN_EVERY_MS) return;
    this.#complainedAt = now;
    const { signal } = this.#options;
    log({ level: "warn", event: "telemetry.dropped", signal, dropped: this.#dropped, message });
    this.#dropped = 0;
  }
}

/** Milliseconds that a receiver wants to be left alone, in seconds or as a date in its answer; at most `MOST_RETRY_MS`. */
function retryAfter(response: Response, now: number): number {
  const told = response.headers.get("retry-after");
  const milliseconds = told === null ? 1_000 : /^\d+$/.test(told) ? Number(told) * 1_000 : Date.parse(told) - now;
  return Math.min(MOST_RETRY_MS, Math.max(0, Number.isFinite(milliseconds) ? milliseconds : 1_000));
}
