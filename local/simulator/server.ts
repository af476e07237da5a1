import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { accountOf } from "./account.ts";
import { anthropic } from "./anthropic/provider.ts";
import { Books } from "./books.ts";
import { serveBooks } from "./books-pages.ts";
import { compatible } from "./compatible/provider.ts";
import { deliver } from "./delivery.ts";
import type { Exchange, Provider, Reply } from "./exchange.ts";
import { Failure } from "./failure.ts";
import { google } from "./google/provider.ts";
import { readBody, sendJson } from "./http.ts";
import { openai } from "./openai/provider.ts";
import { openrouter } from "./openrouter/provider.ts";
import { deliverPrepared, isRepeatable, type PreparedStream, prepare } from "./prepared.ts";
import { PromptCache } from "./prompt-cache.ts";
import { IdSource } from "./random.ts";
import { ResponseStore } from "./response-store.ts";
import type { Script } from "./script.ts";

/** Milliseconds between two chunks of a stream, about the pace of a quick model. */
const DEFAULT_PACE = 20;

/** Streams kept ready for `nobooks` requests that come again. */
const PREPARED = 64;

/** How to start; see docs/simulator.md. */
export interface SimulatorOptions {
  /** 0 takes any free port. */
  port: number;
  host?: string;
  /** Milliseconds between chunks; 20 when absent. */
  pace?: number;
  /** Identifiers follow from it. */
  seed?: string;
  /** Answers in place of the planner. */
  script?: Script;
  /** Directives for a request beside those in its model's name, written as there: for models that must be priced. */
  misbehaviour?: (bodyText: string) => string;
}

/** A running simulator. */
export interface Simulator {
  /** Without a trailing slash. */
  url: string;
  /** Ends every connection, also the silent ones. */
  close(): Promise<void>;
}

const PROVIDERS = new Map<string, Provider>(
  [openai, anthropic, google, openrouter, compatible].map((one) => [one.id, one]),
);

function answer(provider: Provider, exchange: Exchange): Reply {
  try {
    return provider.answer(exchange);
  } catch (error) {
    if (error instanceof Failure) return provider.failure(error, exchange);
    throw error;
  }
}

/** Starts the simulated providers; docs/simulator.md tells what they do. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { port, host = "127.0.0.1", pace = DEFAULT_PACE, seed = "gaia", script = null, misbehaviour } = options;
  const books = new Books();
  const cache = new PromptCache();
  const stored = new Map<string, ResponseStore>();
  const prepared = new Map<string, { stream: PreparedStream; provider: Provider; exchange: Exchange }>();
  let sequence = 0;

  const forget = (): void => {
    books.clear();
    cache.clear();
    stored.clear();
  };

  const storeOf = (account: string): ResponseStore => {
    const store = stored.get(account) ?? new ResponseStore();
    stored.set(account, store);
    return store;
  };

  async function serveProvider(
    provider: Provider,
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    rest: string,
  ): Promise<void> {
    const bodyText = await readBody(request);
    const repeated = `${provider.id} ${request.url} ${bodyText}`;
    const ready = prepared.get(repeated);
    if (ready !== undefined) {
      const steps = ready.exchange.directives.pace ?? pace;
      return deliverPrepared(response, ready.stream, ready.provider.headers(ready.exchange), steps);
    }
    sequence += 1;
    const account = accountOf(request.headers, url.searchParams);
    const now = Math.floor(Date.now() / 1000);
    const ids = new IdSource(`${seed}:${sequence}`);
    const id = provider.requestId(ids, now);
    const exchange: Exchange = {
      method: request.method ?? "GET",
      path: rest,
      query: url.searchParams,
      headers: request.headers,
      bodyText: bodyText ?? "",
      account,
      ids,
      now,
      cache,
      stored: storeOf(account),
      entry: books.open(id, provider.id, account, request),
      script,
      misbehaviour: misbehaviour?.(bodyText ?? "") ?? "",
      directives: {},
      timesBefore: (model) => books.count(`${provider.id} ${account} ${model}`),
    };
    const reply = bodyText === null ? provider.failure(new Failure(413), exchange) : answer(provider, exchange);
    const { directives } = exchange;
    if (reply.kind === "stream" && isRepeatable(directives)) {
      const stream = prepare(reply, directives);
      if (prepared.size >= PREPARED) prepared.clear();
      prepared.set(repeated, { stream, provider, exchange });
      return deliverPrepared(response, stream, provider.headers(exchange), directives.pace ?? pace);
    }
    if (!directives.nobooks) books.keep(exchange.entry, exchange.bodyText);
    const headers = { ...provider.headers(exchange), "x-simulator-request": id };
    return deliver(response, reply, headers, directives, exchange.entry, directives.nobooks ? null : books, pace);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://simulator");
    const [, mount = ""] = url.pathname.split("/", 2);
    const provider = PROVIDERS.get(mount);
    if (provider !== undefined) {
      return serveProvider(provider, request, response, url, url.pathname.slice(mount.length + 1) || "/");
    }
    if (url.pathname === "/_simulator/requests" || url.pathname.startsWith("/_simulator/requests/"))
      return serveBooks(books, forget, request, response, url);
    if (url.pathname === "/health") return sendJson(response, 200, { status: "ok" });
    if (url.pathname === "/")
      return sendJson(response, 200, {
        name: "GaiaRouter's simulated providers",
        providers: [...PROVIDERS.keys()].map((id) => `/${id}`),
        books: "/_simulator/requests",
        documentation: "docs/simulator.md",
      });
    sendJson(response, 404, { error: `nothing at ${url.pathname}` });
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      // The client left while it was still sending: nobody is there to be told.
      if (request.destroyed && !request.complete) return;
      console.error(JSON.stringify({ level: "error", message: String(error), path: request.url }));
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: `the simulator failed: ${String(error)}` });
    });
  });
  // A gateway's pool keeps connections open; ending them early would look like a fault nobody asked for.
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
