import type { AdmitRequest } from "../../../worker/ledger/contract.ts";
import type { SqlValue } from "../../../worker/ledger/storage.ts";
import { same } from "./invariants.ts";
import { boundAt, type Modelled, PlainLedger } from "./plain-ledger.ts";
import { CONFIGURATION_QUERY, configurationOf } from "./subject.ts";
import type { World } from "./world.ts";

const HOLD_MS = 90_000;

interface Ending {
  outcome: string;
  inputUncached: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  costNano: number;
}

const sumsOf = ({ inputUncached, cacheRead, cacheWrite, output, costNano }: Ending) => ({
  ...{ inputTokens: inputUncached + cacheRead + cacheWrite, outputTokens: output, costNano },
});

/**
 * Whatever overlaps, the Ledger's writes come one after the other. The model follows them, and asks of each what it asks of
 * a single command: might this request be admitted now, under the configuration stored now, beside all that is held now?
 */
export class Linearization {
  readonly model = new PlainLedger();
  readonly #world: World;
  readonly #requests = new Map<string, AdmitRequest>();
  failure: Error | null = null;

  constructor(world: World) {
    this.#world = world;
    world.storage.written = (query, bindings) => {
      try {
        this.#follow(query, bindings);
      } catch (error) {
        // The Ledger would take it for a fault of the storage.
        this.failure ??= error as Error;
      }
    };
  }

  /** To be called before the Ledger is. */
  asks(request: AdmitRequest): void {
    this.#requests.set(request.draft.eventId, request);
  }

  /** To be called before the clock moves. */
  configured(): void {
    if (this.#world.core.health().configVersion === null) return;
    const rows = this.#world.storage.inspect<{ kind: string; body: string }>(CONFIGURATION_QUERY);
    this.model.configure(configurationOf(rows), this.#world.now);
  }

  #follow(query: string, bindings: readonly SqlValue[]): void {
    if (query.startsWith("INSERT INTO journal")) this.#admitted(bindings[0] as number, bindings[1] as string);
    else if (query.startsWith("UPDATE journal SET snapshot")) this.#ended(bindings[2] as number, bindings[1] as string);
    else if (query.startsWith("UPDATE journal SET correction_snapshot")) {
      this.#corrected(bindings[2] as number, bindings[1] as string);
    }
  }

  #admitted(handle: number, text: string): void {
    this.configured();
    const { model } = this;
    const { now } = this.#world;
    const { draft, bound } = JSON.parse(text) as Pick<AdmitRequest, "draft" | "bound">;
    const request = this.#requests.get(draft.eventId) as AdmitRequest;
    const { keyId, startedAt } = draft;
    const verdict = model.decide(request, now, false);
    if (verdict.is === "lowered") {
      const cap = bound.outputTokens / (request.output?.candidates ?? 1);
      same("a lowered bound", bound, boundAt(request, cap));
      if (cap < verdict.floor || !verdict.fits(cap))
        throw new Error(`B1 ${draft.eventId} does not fit with cap ${cap}`);
    } else if (verdict.is === "full") same("a bound", bound, verdict.bound);
    else throw new Error(`B1 ${draft.eventId} was admitted and is ${verdict.is}`);
    const charged = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };
    const times = { startedAt, deadline: now + HOLD_MS, expiredAt: 0 };
    model.open({ eventId: draft.eventId, handle, keyId, bound, state: "open", ...times, charged });
  }

  #ended(handle: number, text: string): void {
    const event = this.#of(handle, "open");
    const ending = JSON.parse(text) as Ending;
    const state = ending.outcome === "expired" ? "expired" : "settled";
    this.model.charge(event, state, { requests: 1, ...sumsOf(ending) }, this.#world.now);
  }

  #corrected(handle: number, text: string): void {
    const event = this.#of(handle, "expired");
    const [difference, { charged }] = [sumsOf(JSON.parse(text) as Ending), event];
    const inputTokens = charged.inputTokens + difference.inputTokens;
    const outputTokens = charged.outputTokens + difference.outputTokens;
    const costNano = charged.costNano + difference.costNano;
    this.model.charge(event, "corrected", { requests: 1, inputTokens, outputTokens, costNano }, this.#world.now);
  }

  #of(handle: number, state: Modelled["state"]): Modelled {
    this.configured();
    const event = this.model.events.find((one) => one.handle === handle);
    if (event === undefined) throw new Error(`B3 ${handle} ended and was never admitted`);
    same(`B3 the state of ${handle}`, event.state, state);
    return event;
  }
}
