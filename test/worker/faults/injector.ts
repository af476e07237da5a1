import type { BookEntry } from "../../../local/simulator/books.ts";
import type { Gateway } from "../../support/gateway.ts";
import { Visit } from "../sdk/visit.ts";
import { type Heard, LISTENERS, silence } from "./listeners.ts";
import type { Pair } from "./pairs.ts";

/** An answer's form: what it holds, and the directives that make it. */
export const SHAPES = {
  "a text": { tools: false, directives: "+chunks-4+text-One%20two%20three%20four%20five%20six%20seven." },
  "a thought, a text and a call": { tools: true, directives: "+chunks-2+thinking+preamble" },
} as const;
export type Shape = keyof typeof SHAPES;

/** What goes wrong in an answer. */
export interface Fault {
  shape: Shape;
  /** A directive of the simulator's; empty: nothing goes wrong. */
  kind: string;
  /** The event it comes at; null where it is not a stream's. */
  at: number | null;
}

/** The gateway's record of a request. */
export interface Row {
  outcome: string;
  upstreamDialect: string;
  exact: boolean;
  inputUncached: number;
  cacheRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
  costNano: number;
}

/** One answer from all sides: its client's, its provider's and the gateway's. */
export interface Played extends Fault {
  /** The user's words, which a thought repeats. */
  question: string;
  heard: Heard;
  entry: BookEntry;
  row: Row;
}

/** No answer here takes a second by itself; on a crowded machine a queue of them may. */
const DEADLINE = 60_000;

/** Requests under way at a time. */
const PARALLEL = 48;

/** Asks one client's questions of a gateway whose simulator misbehaves as `directives` says, by the question's text. */
export class Injector {
  readonly #gateway: Gateway;
  readonly #directives: Map<string, string>;
  #questions = 0;

  /** `directives` is what the gateway's simulator was started with (`directivesIn`). */
  constructor(gateway: Gateway, directives: Map<string, string>) {
    this.#gateway = gateway;
    this.#directives = directives;
  }

  /** Plays a pair once for each fault, several at a time; in the order of the faults. */
  async play({ listener, model }: Pair, faults: readonly Fault[]): Promise<Played[]> {
    await fetch(`${this.#gateway.simulator.url}/_simulator/requests`, { method: "DELETE" });
    const asked = faults.map((fault) => ({ ...fault, question: this.#question(fault) }));
    const heard = await inTurns(asked, async ({ shape, kind, at, question: text }) => {
      const visit = new Visit(this.#gateway);
      const sdks = {
        openai: visit.openai().withOptions({ logLevel: "off" }),
        anthropic: visit.anthropic().withOptions({ logLevel: "off" }),
        google: visit.google(),
      };
      const said = silence();
      const listening = LISTENERS[listener].listen(sdks, { model, text, tools: SHAPES[shape].tools }, said);
      await withinDeadline(listening, `${listener} of ${model}, ${shape}, ${kind}-${at}`).catch((error: unknown) => {
        if (error instanceof Hang) throw error;
        said.error = error;
      });
      return { said, requestId: visit.seen[0]?.requestId ?? "" };
    });
    const [entries, rows] = await Promise.all([
      this.#books(faults.length),
      this.#rows(heard.map(({ requestId }) => requestId)),
    ]);
    const bodies = entries.map(({ body }) => JSON.stringify(body));
    return asked.map((one, index) => {
      const { said, requestId } = heard[index] as (typeof heard)[number];
      const entry = entries[bodies.findIndex((body) => body.includes(one.question))];
      const row = rows.get(requestId);
      if (entry === undefined || row === undefined) throw new Error(`no record of ${one.shape}, ${one.kind}-${one.at}`);
      return { ...one, heard: said, entry, row };
    });
  }

  /** Questions have one length, so that every answer of a shape costs the same. */
  #question({ shape, kind, at }: Fault): string {
    this.#questions += 1;
    const question = `Question ${String(this.#questions).padStart(5, "0")}`;
    this.#directives.set(
      question,
      SHAPES[shape].directives + (kind === "" ? "" : `+${kind}${at === null ? "" : `-${at}`}`),
    );
    return question;
  }

  async #books(count: number): Promise<BookEntry[]> {
    const query = `limit=2000&ended=true&wait=20000&count=${count}`;
    const response = await fetch(`${this.#gateway.simulator.url}/_simulator/requests?${query}`);
    return ((await response.json()) as { data: BookEntry[] }).data;
  }

  /** The rows of these requests, once all have come to Postgres. */
  async #rows(ids: readonly string[]): Promise<Map<string, Row>> {
    for (let tries = 0; tries < 400; tries += 1) {
      const rows = await this.#gateway.database.sql`
        select event_id, outcome, upstream_dialect, exact, input_uncached, cache_read, cache_write, output, reasoning,
          cost_nano from usage_events where event_id = any(${ids as string[]})`;
      if (rows.length >= ids.length) return new Map(rows.map((row) => [row.event_id, rowOf(row)]));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("not every request has come to Postgres");
  }
}

const rowOf = (row: Record<string, unknown>): Row => ({
  outcome: String(row.outcome),
  upstreamDialect: String(row.upstream_dialect),
  exact: row.exact === true,
  inputUncached: Number(row.input_uncached),
  cacheRead: Number(row.cache_read),
  cacheWrite: Number(row.cache_write),
  output: Number(row.output),
  reasoning: Number(row.reasoning),
  costNano: Number(row.cost_nano),
});

/** For `startGateway`: the directives of the question that a request's body asks. */
export const directivesIn =
  (directives: ReadonlyMap<string, string>) =>
  (body: string): string =>
    directives.get(/Question \d{5}/.exec(body)?.[0] ?? "") ?? "";

class Hang extends Error {}

async function withinDeadline(promise: Promise<void>, name: string): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Hang(`${name}: the client still waits for the answer's end`)), DEADLINE);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at] as T);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return results;
}
