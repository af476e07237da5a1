import { anthropic } from "../../../local/simulator/anthropic/provider.ts";
import { Books } from "../../../local/simulator/books.ts";
import type { Exchange, Provider } from "../../../local/simulator/exchange.ts";
import { Failure } from "../../../local/simulator/failure.ts";
import { google } from "../../../local/simulator/google/provider.ts";
import { openai } from "../../../local/simulator/openai/provider.ts";
import { openrouter } from "../../../local/simulator/openrouter/provider.ts";
import { PromptCache } from "../../../local/simulator/prompt-cache.ts";
import { IdSource } from "../../../local/simulator/random.ts";
import { ResponseStore } from "../../../local/simulator/response-store.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { restoreAnswer } from "../../../worker/dialects/restore-tools.ts";
import { GatewayError } from "../../../worker/errors.ts";
import { type JsonObject, parseJson } from "../../../worker/lib/json.ts";
import { contextOf } from "./answers.ts";
import { type DIALECTS, planOrRefusal } from "./plan.ts";
import { translate } from "./translate.ts";

/** A request as a provider got it, and what it said. */
export interface Sent {
  provider: string;
  /** Below the provider's mount, with the query. */
  path: string;
  text: string;
  status: number;
  reply: string;
}

const PROVIDERS = new Map<string, Provider>([openai, anthropic, google, openrouter].map((one) => [one.id, one]));

/** All requests come with the same key. */
const ACCOUNT = "default";

/** The simulated providers without their server: they read, judge and answer as they do behind it. */
export class Upstreams {
  readonly sent: Sent[] = [];
  readonly #cache = new PromptCache();
  readonly #stored = new ResponseStore();
  readonly #books = new Books();

  /** `path` begins with the provider's mount. */
  ask(path: string, text: string, headers: Record<string, string>): Sent & { type: string } {
    const url = new URL(path, "http://simulator");
    const [, mount = ""] = url.pathname.split("/", 2);
    const provider = PROVIDERS.get(mount) as Provider;
    const ids = new IdSource(`seed:${this.sent.length}`);
    const exchange: Exchange = {
      method: "POST",
      path: url.pathname.slice(mount.length + 1),
      query: url.searchParams,
      headers,
      bodyText: text,
      account: ACCOUNT,
      ids,
      now: 1_790_000_000,
      cache: this.#cache,
      stored: this.#stored,
      entry: this.#books.open(provider.requestId(ids, 0), provider.id, ACCOUNT, { method: "POST", url: path, headers }),
      script: null,
      misbehaviour: "",
      directives: {},
      timesBefore: () => 0,
    };
    const reply = this.#reply(provider, exchange);
    const body = reply.kind === "stream" ? [...reply.frames].map((frame) => frame.text).join("") : reply.body;
    const status = reply.kind === "stream" ? 200 : reply.status;
    const sent = { provider: mount, path: exchange.path + url.search, text, status, reply: body };
    this.sent.push(sent);
    return { ...sent, type: reply.headers["content-type"] ?? "application/json" };
  }

  #reply(provider: Provider, exchange: Exchange) {
    try {
      return provider.answer(exchange);
    } catch (error) {
      if (error instanceof Failure) return provider.failure(error, exchange);
      throw error;
    }
  }
}

const CREDENTIALS = {
  authorization: "Bearer simulated",
  "x-api-key": "simulated",
  "x-goog-api-key": "simulated",
  "anthropic-version": "2023-06-01",
};

const PATHS: Record<string, (typeof DIALECTS)[number]> = {
  "/v1/chat/completions": "openai-chat",
  "/v1/responses": "openai-responses",
  "/v1/messages": "anthropic-messages",
};

const json = (status: number, body: unknown) => Response.json(body, { status });

/** The gateway as clients see it, without what stands around planning, sending and translating. */
export function gatewayTo(upstreams: Upstreams): typeof fetch {
  return async (input, init) => {
    const url = new URL(String(input));
    const body = parseJson(String(init?.body)) as JsonObject;
    const client = PATHS[url.pathname] ?? "google-generate-content";
    const gemini = /models\/(.+):(\w+)$/.exec(decodeURIComponent(url.pathname));
    const model = gemini?.[1] ?? String(body.model);
    const stream = gemini === null ? body.stream === true : gemini[2] === "streamGenerateContent";
    const planned = await planOrRefusal(body, { client, model, stream, query: url.search });
    if (planned instanceof GatewayError) {
      return json(planned.status, chatDialects[client].encodeError(planned, "01REQUEST"));
    }
    const { plan, target } = planned;
    const path = new URL(target.connection.baseUrl + plan.path);
    const reply = upstreams.ask(path.pathname + path.search, plan.body, {
      ...CREDENTIALS,
      ...plan.translation?.encoded.headers,
    });
    const headers = { "content-type": reply.type };
    if (plan.translation === null || reply.status !== 200) return new Response(reply.reply, { ...reply, headers });
    const { upstream, encoded } = plan.translation;
    const context = { ...contextOf(client), body, model };
    if (stream) {
      const { text, failure } = translate(
        upstream.id,
        client,
        [new TextEncoder().encode(reply.reply)],
        encoded,
        context,
      );
      if (failure !== null) throw failure;
      return new Response(text, { headers: { "content-type": "text/event-stream" } });
    }
    const { answer, failure } = upstream.decodeAnswer(parseJson(reply.reply));
    if (failure !== null) throw new Error(failure.message);
    return json(200, chatDialects[client].encodeAnswer(restoreAnswer(answer, encoded), context));
  };
}
