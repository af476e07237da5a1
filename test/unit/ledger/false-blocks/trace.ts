import { type CatalogModel, findModel } from "../../../../worker/catalog/models.ts";

/** One request of an agent, with what it will turn out to use. */
export interface TracedRequest {
  model: CatalogModel;
  /** Of the body. */
  bytes: number;
  /** Its prompt begins with that of the lane's request before. */
  continues: boolean;
  inputUncached: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  durationMs: number;
  /** Between the answer before and this request: the agent runs its tools. */
  pauseMs: number;
}

/** Requests without end, each sent when the one before is answered. */
export type Lane = Iterator<TracedRequest, never>;

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const between = (random: () => number, low: number, high: number): number => low + (high - low) * random();

/** Log-normal with this median; `spread` is the factor one standard deviation makes. */
function around(random: () => number, median: number, spread: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * spread ** normal;
}

/** First token after 0.4 to 2 s, then 40 to 120 tokens a second. */
export const durationOf = (random: () => number, output: number): number =>
  Math.ceil(between(random, 400, 2_000) + (output / between(random, 40, 120)) * 1_000);

/** The shape of an agent's conversations. */
export interface Agent {
  /** `provider/model` of the catalogue. */
  model: string;
  /** Median bytes of the first body: instructions, tools, the task. */
  firstBytes: number;
  /** Median bytes a turn adds: the answer, and what its tools gave. */
  turnBytes: number;
}

const MOST_TURNS = 40;

/**
 * Conversations of an agent, one after the other: the history grows with every turn, and what was sent before is mostly
 * read from the cache (nine turns in ten; else it had expired and is written anew). Bytes a token: 3.2 to 5, by
 * conversation. Turns: 4 to 40. Output: median 500 tokens, a factor of 2.95 for one standard deviation, so 900 on
 * average, 1.4 % of a cap of 64,000, and at times twenty times as much.
 */
export function* agentLane(agent: Agent, random: () => number): Generator<TracedRequest, never> {
  const [provider = "", name = ""] = agent.model.split("/");
  const model = findModel(provider, name);
  if (model === null) throw new Error(`the catalogue has no ${agent.model}`);
  for (;;) {
    const bytesPerToken = between(random, 3.2, 5);
    const turns = Math.floor(between(random, 4, MOST_TURNS));
    let bytes = around(random, agent.firstBytes, 1.4);
    let cached = 0;
    for (let turn = 0; turn < turns; turn++) {
      const input = Math.round(bytes / bytesPerToken);
      const cacheRead = random() < 0.9 ? Math.min(cached, input) : 0;
      const output = Math.max(5, Math.min(30_000, Math.round(around(random, 500, 2.95))));
      yield {
        ...{ model, bytes: Math.ceil(bytes), continues: turn > 0, cacheRead, output },
        ...written(model, input - cacheRead),
        durationMs: durationOf(random, output),
        pauseMs: Math.ceil(between(random, 50, 2_000)),
      };
      cached = input;
      bytes += around(random, agent.turnBytes, 2) + output * bytesPerToken;
    }
  }
}

/** Where writing a cache is asked for and billed, what follows the last mark, a tenth, is neither written nor read. */
const written = ({ capabilities }: CatalogModel, fresh: number) => {
  const inputUncached = capabilities?.promptCaching === "explicit" ? Math.ceil(fresh / 10) : fresh;
  return { inputUncached, cacheWrite: fresh - inputUncached };
};
