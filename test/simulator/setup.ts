import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { BookEntry } from "../../local/simulator/books.ts";
import { type Simulator, startSimulator } from "../../local/simulator/server.ts";

/** The four vendors' mounts with the path of their plain generation endpoint. */
export const MOUNTS = {
  openai: "/openai/v1/chat/completions",
  responses: "/openai/v1/responses",
  anthropic: "/anthropic/v1/messages",
  google: "/google/v1beta/models",
  openrouter: "/openrouter/api/v1/chat/completions",
} as const;

export type Mount = keyof typeof MOUNTS;

/** A simulator for one test file, without pace; its books are empty before each test. */
export function useSimulator(): {
  url: () => string;
  openai: () => OpenAI;
  openrouter: () => OpenAI;
  anthropic: () => Anthropic;
  google: () => GoogleGenAI;
  newest: (query?: string) => Promise<BookEntry>;
  ask: (mount: Mount, model: string, options?: AskOptions) => Promise<Response>;
} {
  let simulator: Simulator | undefined;
  const url = (): string => simulator?.url ?? "";

  beforeAll(async () => {
    simulator = await startSimulator({ port: 0, pace: 0 });
  });
  beforeEach(async () => {
    await fetch(`${url()}/_simulator/requests`, { method: "DELETE" });
  });
  afterAll(async () => {
    await simulator?.close();
  });

  return {
    url,
    openai: () => new OpenAI({ apiKey: "k", baseURL: `${url()}/openai/v1`, maxRetries: 0 }),
    openrouter: () => new OpenAI({ apiKey: "k", baseURL: `${url()}/openrouter/api/v1`, maxRetries: 0 }),
    anthropic: () => new Anthropic({ apiKey: "k", baseURL: `${url()}/anthropic`, maxRetries: 0 }),
    google: () => new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: `${url()}/google` } }),
    newest: async (query = "") => {
      const response = await fetch(`${url()}/_simulator/requests?ended=true&wait=5000&${query}`);
      const { data } = (await response.json()) as { data: BookEntry[] };
      const [entry] = data;
      if (entry === undefined) throw new Error("the books are empty");
      return entry;
    },
    ask: (mount, model, options) => ask(url(), mount, model, options),
  };
}

export interface AskOptions {
  stream?: boolean;
  text?: string;
  /** Further fields of the body. */
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** A plain question in the vendor's own form, without an SDK. */
export function ask(url: string, mount: Mount, model: string, options: AskOptions = {}): Promise<Response> {
  const { stream = false, text = "hello there", body: more = {}, headers = {}, signal } = options;
  const messages = [{ role: "user", content: text }];
  let path: string = MOUNTS[mount];
  let body: Record<string, unknown>;
  const auth: Record<string, string> = { authorization: "Bearer k" };
  switch (mount) {
    case "google":
      path += `/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`;
      body = { contents: [{ role: "user", parts: [{ text }] }] };
      auth["x-goog-api-key"] = "k";
      break;
    case "responses":
      body = { model, input: text, stream };
      break;
    case "anthropic":
      body = { model, messages, max_tokens: 4096, stream };
      auth["anthropic-version"] = "2023-06-01";
      break;
    default:
      body = {
        model,
        messages,
        stream,
        ...(stream && mount === "openai" && { stream_options: { include_usage: true } }),
      };
  }
  return fetch(url + path, {
    method: "POST",
    redirect: "manual",
    headers: { "content-type": "application/json", ...auth, ...headers },
    body: JSON.stringify({ ...body, ...more }),
    ...(signal !== undefined && { signal }),
  });
}

/** Everything an async iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The body as far as it came, and whether it came to a regular end. */
export async function readAll(response: Response): Promise<{ text: string; ended: boolean; chunks: number }> {
  const decoder = new TextDecoder();
  let text = "";
  let chunks = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks += 1;
      text += decoder.decode(chunk, { stream: true });
    }
    return { text, ended: true, chunks };
  } catch {
    return { text, ended: false, chunks };
  }
}
