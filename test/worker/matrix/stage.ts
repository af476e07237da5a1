import { expect } from "vitest";
import type { BookEntry } from "../../../local/simulator/books.ts";
import { type Gateway, requestRow } from "../../support/gateway.ts";
import { type FullRow, Visit } from "../sdk/visit.ts";
import type { Caught, Client, Ending, Question, Reply } from "./client.ts";
import { type Received, received } from "./received.ts";
import { type ClientRow, type Column, type Lack, type Limit, limitsOf, type ScenarioId } from "./tables.ts";

/** A row as the management API shows it, in the part the matrix looks at beyond the SDK tests. */
interface Row extends FullRow {
  upstream_dialect: string;
  warnings: string[];
}

interface Request {
  reply: Reply;
  ending: Ending;
  column: Column;
  model: string;
}

/** `code@path`. */
const codeOf = (warning: string): string => warning.split("@")[0] as string;

const NO_TOKENS = { inputUncached: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

/** One cell while it is played: the user with their SDK, the provider's books and the gateway's rows. */
export class Stage {
  readonly visit: Visit;
  readonly client: Client;
  readonly row: ClientRow;
  readonly column: Column;
  readonly stream: boolean;
  readonly limits: readonly Limit[];
  /** Codes of what the gateway said was lost. */
  readonly warnings = new Set<string>();
  readonly #requests: Request[] = [];

  constructor(
    gateway: Gateway,
    client: Client,
    { row, column, scenario, stream }: { row: ClientRow; column: Column; scenario: ScenarioId; stream: boolean },
  ) {
    this.visit = new Visit(gateway);
    this.client = client;
    this.row = row;
    this.column = column;
    this.stream = stream;
    this.limits = limitsOf(row.id, column.id, scenario, stream);
  }

  lacks(what: Lack): boolean {
    return this.limits.some(({ lacks }) => lacks?.includes(what));
  }

  /** The question, with this visit's marker in it. */
  get text(): string {
    return `Tell me about ${this.visit.marker}, please.`;
  }

  /** What the simulated model answers to it. */
  echo(model = this.column.model): string {
    return `You said: "${this.text}". This is ${model}, simulated.`;
  }

  question(more: Partial<Question> = {}, model = this.column.model, column = this.column): Question {
    return { model: `${column.provider}/${model}`, stream: this.stream, text: this.text, ...more };
  }

  async ask(
    ending: Ending,
    more: Partial<Question> = {},
    model = this.column.model,
    column = this.column,
  ): Promise<Reply> {
    const reply = await this.client.ask(this.visit, this.question(more, model, column));
    this.#requests.push({ reply, ending, column, model });
    return reply;
  }

  /** Another turn, with the results of the calls; a model, and a provider, may take over from another. */
  async goOn(before: Reply, results: string[], next?: { column: Column; model: string }): Promise<Reply> {
    const { column, model } = next ?? (this.#requests.at(-1) as Request);
    const reply = await before.goOn(results, next === undefined ? undefined : `${column.provider}/${model}`);
    this.#requests.push({ reply, ending: "end", column, model });
    return reply;
  }

  /** The error that a question ends in. */
  async fails(more: Partial<Question>, model: string): Promise<Caught> {
    try {
      await this.client.ask(this.visit, this.question(more, model));
    } catch (error) {
      const seen = this.client.caught(error);
      if (seen.name === "") throw error;
      return seen;
    }
    throw new Error("nothing was thrown");
  }

  /**
   * The provider's own records, oldest first. Where the catalogue does not know that a model has one endpoint only, the
   * provider says so first, and is asked again there: those refusals are left out.
   */
  async books(count: number): Promise<BookEntry[]> {
    const learns = this.column.id === "openai-responses";
    const query = new URLSearchParams({ contains: this.visit.marker, ended: "true", wait: "10000" });
    for (let least = count; ; least++) {
      query.set("count", String(least));
      const response = await fetch(`${this.visit.gateway.simulator.url}/_simulator/requests?${query}`);
      const { data } = (await response.json()) as { data: BookEntry[] };
      const asked = data.filter(({ path, status }) => !(learns && path.includes("/chat/") && status === 404));
      if (asked.length >= count || least > count + 2) {
        expect(asked, "requests that reached the provider").toHaveLength(count);
        return asked.reverse();
      }
    }
  }

  /** The gateway's records, in the order of the answers. */
  async rows(): Promise<Row[]> {
    return this.#noted((await this.visit.rows()) as Row[]);
  }

  /** The record of the only request, of which its client may have seen nothing. */
  async onlyRow(): Promise<Row> {
    const { gateway, marker } = this.visit;
    for (let tries = 0; tries < 200; tries++) {
      const [found] = await gateway.database.sql`select event_id from usage_events where session_id = ${marker}`;
      if (found !== undefined) {
        const [row] = this.#noted([(await requestRow(gateway, String(found.event_id))) as Row]);
        return row as Row;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("no row came");
  }

  #noted(rows: Row[]): Row[] {
    for (const { warnings } of rows) for (const one of warnings) this.warnings.add(codeOf(one));
    return rows;
  }

  /**
   * All requests were answered: what the SDK's user was told of usage and ending, the gateway's rows and the provider's
   * books agree. Returns what the provider was asked.
   */
  async ended(): Promise<{ sent: Received[]; books: BookEntry[] }> {
    const requests = this.#requests;
    expect(this.visit.seen).toHaveLength(requests.length);
    const [rows, books] = await Promise.all([this.rows(), this.books(requests.length)]);
    const sent = books.map(received);
    for (const [index, { reply, ending, column, model }] of requests.entries()) {
      const [row, entry] = [rows[index] as Row, books[index] as BookEntry];
      const tokens = entry.tokens ?? NO_TOKENS;
      const upstream = column.upstream(this.row.dialect);
      expect(row).toMatchObject({
        dialect: this.row.dialect,
        provider: column.provider,
        upstream_model: model,
        upstream_dialect: upstream,
        outcome: "ok",
        status: 200,
        streamed: this.stream,
        exact: true,
        tokens: {
          input_uncached: tokens.inputUncached,
          cache_read: tokens.cacheRead,
          cache_write: tokens.cacheWrite,
          output: tokens.output,
          reasoning: tokens.reasoning,
        },
      });
      expect(reply.figures).toEqual(this.client.figuresOf(tokens));
      // A relay leaves the provider's own name; a translated answer has the one that was asked for.
      const name = upstream === this.row.dialect ? model.replace(/\+.*/, "") : `${column.provider}/${model}`;
      if (reply.model !== null) expect(reply.model).toBe(name);
      expect(reply.finish).toBe(this.client.finishes[ending]);
      expect([sent[index]?.dialect, entry.streamed]).toEqual([upstream, this.stream]);
      // The header of a stream is written before the answer's own losses are known.
      const told = (this.visit.seen[index]?.headers.get("x-gaia-warnings") ?? "").split("; ").filter(Boolean);
      const recorded = row.warnings.map(codeOf);
      expect(told.map(codeOf)).toEqual(this.stream ? recorded.slice(0, told.length) : recorded);
      // What the gateway carries for other vendors reaches none of them.
      expect(JSON.stringify(entry.body)).not.toMatch(/gaia1\.|Z2FpYTEu/);
    }
    return { sent, books };
  }
}
