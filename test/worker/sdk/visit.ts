import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { expect } from "vitest";
import type { BookEntry } from "../../../local/simulator/books.ts";
import { type Gateway, type RequestRow, requestRow } from "../../support/gateway.ts";
import { bookCost } from "./price-book.ts";

/** A row as the management API shows it, with what the caller said of itself. */
export interface FullRow extends RequestRow {
  session_id: string | null;
  agent_id: string | null;
  client: string | null;
  end_user: string | null;
  tags: Record<string, string>;
  simulated: boolean;
  cost_usd: string;
}

/** One answer of the gateway, as the wire showed it. */
interface Seen {
  requestId: string;
  headers: Headers;
}

const CLIENTS = /^(OpenAI\/JS|Anthropic\/JS|google-genai-sdk)[ /]/;

let visits = 0;

/**
 * One user at the gateway: official SDKs configured as their documentation says, tagged so that this user's requests are
 * found again in the gateway's rows and, by `marker` in the prompt, in the simulator's books.
 */
export class Visit {
  readonly gateway: Gateway;
  readonly marker: string;
  readonly seen: Seen[] = [];
  /** What this user says of itself with every request. */
  readonly headers: Record<string, string>;

  constructor(gateway: Gateway) {
    this.gateway = gateway;
    visits += 1;
    this.marker = `visit-${visits}-of-this-file`;
    this.headers = {
      "x-gaia-session": this.marker,
      "x-gaia-agent": `agent-${visits}`,
      "x-gaia-tags": `suite=sdk, visit=${visits}`,
    };
  }

  /** For an SDK: notes every answer. */
  readonly fetch: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    this.seen.push({ requestId: response.headers.get("x-request-id") ?? "", headers: response.headers });
    return response;
  };

  openai(options: { apiKey?: string; maxRetries?: number } = {}): OpenAI {
    return new OpenAI({
      apiKey: this.gateway.apiKey,
      baseURL: `${this.gateway.url}/v1`,
      defaultHeaders: this.headers,
      fetch: this.fetch,
      maxRetries: 0,
      ...options,
    });
  }

  anthropic(options: { apiKey?: string | null; authToken?: string | null; maxRetries?: number } = {}): Anthropic {
    return new Anthropic({
      apiKey: this.gateway.apiKey,
      baseURL: this.gateway.url,
      defaultHeaders: this.headers,
      fetch: this.fetch,
      maxRetries: 0,
      ...options,
    });
  }

  google(options: { apiKey?: string; apiVersion?: string } = {}): GoogleGenAI {
    return new GoogleGenAI({
      apiKey: options.apiKey ?? this.gateway.apiKey,
      httpOptions: {
        baseUrl: this.gateway.url,
        headers: this.headers,
        fetch: this.fetch,
        ...(options.apiVersion === undefined ? {} : { apiVersion: options.apiVersion }),
      },
    });
  }

  /** The provider's own records of this visit's requests, oldest first, once there are `count` and all have ended. */
  async books(count: number): Promise<BookEntry[]> {
    const query = new URLSearchParams({
      contains: this.marker,
      ended: "true",
      wait: count > 0 ? "10000" : "0",
      count: String(count),
    });
    const response = await fetch(`${this.gateway.simulator.url}/_simulator/requests?${query}`);
    const { data } = (await response.json()) as { data: BookEntry[] };
    expect(data, "requests that reached the provider").toHaveLength(count);
    return data.reverse();
  }

  /** The gateway's own records, in the order of the answers. */
  rows(): Promise<FullRow[]> {
    return Promise.all(this.seen.map(({ requestId }) => requestRow(this.gateway, requestId) as Promise<FullRow>));
  }
}

export interface Metered {
  dialect: string;
  operation?: string;
  /** Public name of the model, `{provider}/{model}`. */
  model: string;
  /** The client's own name for it, where that is another. */
  requested?: string;
  /** How each request ended and whether it was a stream, in order. */
  requests: { stop: string | null; streamed: boolean }[];
  endUser?: string;
}

/** Splits `{provider}/{model}`. */
export const partsOf = (model: string): { provider: string; upstream: string } => {
  const slash = model.indexOf("/");
  return { provider: model.slice(0, slash), upstream: model.slice(slash + 1) };
};

/** Holds every row of a visit against the provider's books, the price book and what the visitor said of itself. */
export async function checkMetered(visit: Visit, expected: Metered): Promise<{ rows: FullRow[]; books: BookEntry[] }> {
  const { provider, upstream } = partsOf(expected.model);
  expect(visit.seen).toHaveLength(expected.requests.length);
  const [rows, books] = await Promise.all([visit.rows(), visit.books(expected.requests.length)]);
  for (const [index, { stop, streamed }] of expected.requests.entries()) {
    const row = rows[index] as FullRow;
    const entry = books[index] as BookEntry;
    const headers = visit.seen[index]?.headers;
    const tokens = entry.tokens ?? { inputUncached: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
    expect(row).toMatchObject({
      dialect: expected.dialect,
      operation: expected.operation ?? "generate",
      provider,
      simulated: true,
      requested_model: expected.requested ?? expected.model,
      upstream_model: upstream,
      outcome: "ok",
      status: 200,
      error_code: null,
      stop_reason: stop,
      streamed,
      exact: true,
      tokens: {
        input_uncached: tokens.inputUncached,
        cache_read: tokens.cacheRead,
        cache_write: tokens.cacheWrite,
        output: tokens.output,
        reasoning: tokens.reasoning,
      },
      cost_nano: bookCost(expected.model, entry),
      session_id: visit.marker,
      agent_id: visit.marker.replace(/^visit-(\d+).*/, "agent-$1"),
      client: expect.stringMatching(CLIENTS),
      end_user: expected.endUser ?? null,
      tags: { suite: "sdk", visit: visit.marker.split("-")[1] },
    });
    // Google sends no id of its own; the simulator's entry has one all the same.
    expect(row.upstream_request_id).toBe(provider === "google" ? null : entry.id);
    expect(entry.streamed).toBe(streamed);
    expect(headers?.get("x-gaia-provider")).toBe(`${provider} (simulated)`);
    expect(headers?.get("x-gaia-model")).toBe(upstream);
    expect(headers?.get("x-gaia-attempts")).toBe("1");
    expect(headers?.get("x-gaia-cost")).toBe(streamed ? null : row.cost_usd);
  }
  return { rows, books };
}

/** Everything an async iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A tool in JSON Schema, the same for all dialects; the simulator calls it with the city "example city". */
export const CITY = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
} as const;

/** Long enough for every vendor's prompt cache. */
export const LONG_TEXT = "All work and no play makes a long prompt. ".repeat(300);
