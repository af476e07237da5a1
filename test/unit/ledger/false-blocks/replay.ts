import { boundOf, priceFor } from "../../../../worker/api/inference/bound.ts";
import { noFeatures } from "../../../../worker/canonical/request-features.ts";
import { type LimitRecord, NO_SETTINGS, type TenantConfiguration } from "../../../../worker/canonical/tenant.ts";
import { rate } from "../../../../worker/catalog/cost.ts";
import type { AdmitAnswer, AdmitRequest } from "../../../../worker/ledger/contract.ts";
import { providers } from "../../../../worker/providers/registry.ts";
import { KEYS, keyRecord, organization, ROOT, tenant, World } from "../world.ts";
import type { Lane, TracedRequest } from "./trace.ts";

/** The output cap every request asks for. */
const CAP = 64_000;
const PATIENCE_MS = 2_000;
/** The official SDKs try again twice where they are told when. */
const RETRIES = 2;
const RETRY_AFTER_MS = 1_000;
/** So many refusals in a row, with nothing under way, and the rest of the money serves nobody. */
const GIVEN_UP = 24;

const BUDGET_NANO = 10 * 10 ** 9;
/** The budget stands four levels above the organization of the keys. */
const LEVELS = [ROOT, "org_level001", "org_level002", "org_level003", "org_level004"];

const BUDGET: LimitRecord = {
  ...{ id: "lim_budget000000", nodeId: ROOT, metric: "cost", window: "month", amount: BUDGET_NANO, mode: "block" },
  ...{ thresholds: [], override: null, fallback: null, removed: false },
};

const configuration = (waitSeconds: number): TenantConfiguration => ({
  ...tenant(),
  organizations: LEVELS.map((id, level) =>
    organization(id, LEVELS[level - 1] ?? null, id, { settings: { ...NO_SETTINGS, waitSeconds } }),
  ),
  keys: KEYS.map((id) => keyRecord(id, { organizationId: LEVELS.at(-1) as string })),
  limits: [BUDGET],
});

/** A prompt that was answered: what the provider counted, and how long it was. */
interface Counted {
  tokens: number;
  bytes: number;
}

/** What the inference path asks the Ledger for: tools, and cache marks where the vendor wants them. */
function termsOf({ model, bytes }: TracedRequest, counted: Counted | null, at: number) {
  const provider = providers[model.provider as keyof typeof providers];
  const explicit = model.capabilities?.promptCaching === "explicit";
  const features = {
    ...noFeatures(model.provider === "anthropic" ? "anthropic-messages" : "openai-responses"),
    ...{ explained: ["functions" as const], cacheWrites: explicit ? ["5m" as const] : [] },
  };
  const { bound, output } = boundOf({
    ...{ operation: "generate", facts: { outputCap: CAP, candidates: 1 }, features, provider, model, bytes },
    ...{ upstreamModel: model.upstreamId, price: priceFor(model, at) },
    counted: counted && { tokens: counted.tokens, newBytes: bytes - counted.bytes, isNew: () => false },
  });
  return { bound, output };
}

/** What it costs in the end, in nano-USD, if its output ends at `cap`. */
function costOf(request: TracedRequest, cap: number, at: number): number {
  const output = { total: Math.min(cap, request.output) };
  return rate(priceFor(request.model, at), { input: inputOf(request), output }).costNano;
}

const inputOf = ({ inputUncached: uncached, cacheRead, cacheWrite }: TracedRequest) => ({
  ...{ total: uncached + cacheRead + cacheWrite, uncached, cacheRead, cacheWrite, cacheWrite5m: cacheWrite },
});

export interface Outcome {
  /** Requests answered for the first time, and of them those refused although settled and actual would have fitted. */
  asked: number;
  blocked: number;
  /** Those of them that would have fitted beside fewer holds; of the others, one bound alone was more than what was left. */
  held: number;
  /** Those that were refused at the retries too. */
  blockedInTheEnd: number;
  /** Admitted under a cap that turned out shorter than their answer. */
  truncated: number;
  lowered: number;
  /** Longest wait for an admission, in milliseconds. */
  longestWait: number;
}

const nothing = (): Outcome => ({
  ...{ asked: 0, blocked: 0, held: 0, blockedInTheEnd: 0, truncated: 0, lowered: 0, longestWait: 0 },
});

export interface Replayed {
  /** Until a share of what the level left is used. */
  until: Map<number, Outcome>;
  /** Until nobody gets anything any more. */
  whole: Outcome;
  /** Nano-USD that served nobody. */
  left: number;
}

/** Time passes from event to event. */
class Timeline {
  readonly #world: World;
  readonly #due: { at: number; go: () => void }[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((go) => {
      this.#due.push({ at: this.#world.now + milliseconds, go });
      this.#due.sort((one, other) => one.at - other.at);
    });
  }

  async run(): Promise<void> {
    for (let next = this.#due.shift(); next !== undefined; next = this.#due.shift()) {
      await this.#world.pass(next.at - this.#world.now);
      next.go();
      // Everyone woken runs until it sleeps again.
      await new Promise(setImmediate);
    }
  }
}

class Replay {
  readonly done = nothing();
  readonly until = new Map<number, Outcome>();
  readonly #waitSeconds: number;
  readonly #world: World;
  readonly #time: Timeline;
  #underWay = 0;
  #refusedInARow = 0;

  constructor(waitSeconds: number) {
    this.#waitSeconds = waitSeconds;
    this.#world = new World({ configuration: configuration(waitSeconds) });
    this.#time = new Timeline(this.#world);
  }

  get settled(): number {
    return this.#world.core.counters.of(ROOT).settled.costNano;
  }

  async run(lanes: readonly Lane[], begun: number, shares: readonly number[]): Promise<void> {
    const before = await this.#world.admitted(KEYS[0], { inputTokens: 0, outputTokens: 0, costNano: 0 });
    this.#world.settle(before, { costNano: begun });
    const over = () => this.#underWay === 0 && this.#refusedInARow >= GIVEN_UP;
    const all = lanes.map(async (lane, at) => {
      let counted: Counted | null = null;
      while (!over()) {
        const { value: request } = lane.next();
        if (!request.continues) counted = null;
        const answered = await this.#send(request, counted, KEYS[at % KEYS.length] as string);
        if (answered) counted = { tokens: inputOf(request).total, bytes: request.bytes };
        for (const share of shares) {
          const reached = this.settled >= begun + (BUDGET_NANO - begun) * share;
          if (reached && !this.until.has(share)) this.until.set(share, { ...this.done });
        }
        await this.#time.sleep(request.pauseMs);
      }
    });
    await this.#time.run();
    await Promise.all(all);
    this.#world.storage.close();
  }

  /** Whether it was answered. */
  async #send(request: TracedRequest, counted: Counted | null, key: string): Promise<boolean> {
    for (let attempt = 0; attempt <= RETRIES; attempt++) {
      const admitting = {
        ...this.#world.request(key),
        ...termsOf(request, counted, this.#world.now),
        patience: PATIENCE_MS,
      };
      const answer = await this.#admit(admitting);
      if (attempt === 0) this.done.asked++;
      if (answer.ok) {
        this.#refusedInARow = 0;
        if (answer.lowered) this.done.lowered++;
        const one = { handle: answer.handle, eventId: admitting.draft.eventId };
        await this.#serve(request, one, answer.outputCap ?? CAP);
        return true;
      }
      if (answer.code !== "limit") throw new Error(`refused: ${answer.code}`);
      this.#refusedInARow++;
      if (this.settled + costOf(request, CAP, this.#world.now) <= BUDGET_NANO) {
        if (attempt === 0) this.done.blocked++;
        if (attempt === 0 && answer.limit.reason === "held") this.done.held++;
        if (attempt === RETRIES) this.done.blockedInTheEnd++;
      }
      if (attempt < RETRIES) await this.#time.sleep(RETRY_AFTER_MS);
    }
    return false;
  }

  async #admit(request: AdmitRequest): Promise<AdmitAnswer> {
    const asked = this.#world.now;
    // Time stops where the Ledger's own waiting ends.
    for (const wait of [PATIENCE_MS, this.#waitSeconds * 1_000]) void this.#time.sleep(wait);
    const answer = await this.#world.core.admit(request);
    this.done.longestWait = Math.max(this.done.longestWait, this.#world.now - asked);
    return answer;
  }

  async #serve(request: TracedRequest, one: { handle: number; eventId: string }, cap: number): Promise<void> {
    const { inputUncached, cacheRead, cacheWrite, durationMs } = request;
    const output = Math.min(cap, request.output);
    if (output < request.output) this.done.truncated++;
    this.#underWay++;
    await this.#time.sleep(durationMs);
    const costNano = costOf(request, cap, this.#world.now);
    this.#world.settle(one, { inputUncached, cacheRead, cacheWrite, output, costNano });
    this.#underWay--;
  }
}

/**
 * Replays lanes side by side against a budget of 10 USD of which so many percent are used, until the rest serves nobody.
 * @param shares of what is left at the beginning: at each the counts so far are noted
 */
export async function replay(
  lanes: readonly Lane[],
  percent: number,
  shares: readonly number[],
  waitSeconds: number,
): Promise<Replayed> {
  const one = new Replay(waitSeconds);
  await one.run(lanes, (BUDGET_NANO / 100) * percent, shares);
  return { until: one.until, whole: one.done, left: BUDGET_NANO - one.settled };
}
