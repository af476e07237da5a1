import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { Visit } from "./visit.ts";

/**
 * What an SDK's user catches. A provider's error must look as if the SDK had called the provider itself, so each is
 * caught twice, once through the gateway and once straight from the simulator. An error of ours must be the SDK's own
 * class for it.
 */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

interface Clients {
  openai: OpenAI;
  anthropic: Anthropic;
  google: GoogleGenAI;
}

const through = (visit: Visit, apiKey = gateway.apiKey): Clients => ({
  openai: visit.openai({ apiKey }),
  anthropic: visit.anthropic({ apiKey }),
  google: visit.google({ apiKey }),
});

/** The same SDKs at the simulated provider itself. */
const direct = (provider: string): Clients => {
  const { url } = gateway.simulator;
  const chat = provider === "openai" ? "/openai/v1" : "/openrouter/api/v1";
  const messages = provider === "anthropic" ? "/anthropic" : "/openrouter/api";
  return {
    openai: new OpenAI({ apiKey: "k", baseURL: url + chat, maxRetries: 0 }),
    anthropic: new Anthropic({ apiKey: "k", baseURL: url + messages, maxRetries: 0 }),
    google: new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: `${url}/google` } }),
  };
};

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

/** A question in each dialect; `stream` reads the answer to its end. */
const ASK = {
  chat: async ({ openai }: Clients, model: string, text: string, stream: boolean) => {
    const asked = { model, messages: [{ role: "user" as const, content: text }] };
    if (stream) await drain(await openai.chat.completions.create({ ...asked, stream: true }));
    else await openai.chat.completions.create(asked);
  },
  responses: async ({ openai }: Clients, model: string, text: string, stream: boolean) => {
    if (!stream) return void (await openai.responses.create({ model, input: text }));
    // A response that failed on the way is an answer to this SDK, with the error inside.
    const { error } = await openai.responses.stream({ model, input: text }).finalResponse();
    if (error !== null) throw new OpenAI.APIError(undefined, error, error.message, undefined);
  },
  messages: async ({ anthropic }: Clients, model: string, text: string, stream: boolean) => {
    const asked = { model, max_tokens: 500, messages: [{ role: "user" as const, content: text }] };
    if (stream) await anthropic.messages.stream(asked).finalMessage();
    else await anthropic.messages.create(asked);
  },
  gemini: async ({ google }: Clients, model: string, text: string, stream: boolean) => {
    if (stream) await drain(await google.models.generateContentStream({ model, contents: text }));
    else await google.models.generateContent({ model, contents: text });
  },
};
type Endpoint = keyof typeof ASK;

const SERVED: [Endpoint, string, string][] = [
  ["chat", "openai", "gpt-4.1"],
  ["chat", "openrouter", "openai/gpt-6.1-sol"],
  ["responses", "openai", "gpt-4.1"],
  ["responses", "openrouter", "openai/gpt-6.1-sol"],
  ["messages", "anthropic", "claude-haiku-4-5"],
  ["messages", "openrouter", "anthropic/claude-sonnet-5.5"],
  ["gemini", "google", "gemini-3.6-flash"],
];

async function caught(calling: Promise<unknown>): Promise<Error> {
  try {
    await calling;
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

/** What a program can see of an error; ids of requests differ from one to the next. */
function seenOf(error: Error) {
  const { status, code, type, param } = error as Error & Record<string, unknown>;
  const { headers } = error as { headers?: Headers };
  const anonymous = (text: string) => text.replace(/\b(req_|gen-|chatcmpl-|resp_)[\w-]+/g, "$1…");
  return {
    class: error.constructor.name,
    message: anonymous(error.message),
    body: anonymous(JSON.stringify((error as { error?: unknown }).error ?? null)),
    status,
    code,
    type,
    param,
    retryAfter: headers?.get("retry-after") ?? null,
    retryAfterMs: headers?.get("retry-after-ms") ?? null,
    shouldRetry: headers?.get("x-should-retry") ?? null,
  };
}

describe.each(SERVED)("%s at %s", (endpoint, provider, upstream) => {
  const fails = async (directives: string, stream: boolean) => {
    const visit = new Visit(gateway);
    const model = `${upstream}+${directives}`;
    const [ours, theirs] = await Promise.all([
      caught(ASK[endpoint](through(visit), `${provider}/${model}`, visit.marker, stream)),
      caught(ASK[endpoint](direct(provider), model, "somebody else", stream)),
    ]);
    const [row] = await visit.rows();
    return { ours: seenOf(ours), theirs: seenOf(theirs), row, headers: visit.seen[0]?.headers };
  };

  test.concurrent.each([400, 401, 403, 404, 409, 429, 500, 502, 503, 529])("status %i", async (status) => {
    for (const stream of [false, true]) {
      const { ours, theirs, row, headers } = await fails(`status-${status}+retry-after-7`, stream);
      expect(ours).toEqual(theirs);
      expect(ours.status).toBe(status);
      expect(headers?.get("retry-after")).toBe("7");
      expect(row).toMatchObject({ outcome: "provider_error", status, cost_nano: 0, stop_reason: null });
      expect(row?.error_code).toEqual(expect.any(String));
      expect(row?.tokens).toEqual({ input_uncached: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0 });
    }
  });

  test.concurrent.each(["error-3", "error-3+status-529", "error-1+status-429"])(
    "a stream with %s",
    async (directives) => {
      const { ours, theirs, row } = await fails(directives, true);
      expect(ours).toEqual(theirs);
      expect(row).toMatchObject({ outcome: "stream_error", status: 200, error_code: expect.any(String) });
    },
  );

  test.concurrent("a provider that breaks off is told in the SDK's own error class", async () => {
    const { ours, row } = await fails("chunks-30+cut-5", true);
    expect(ours.class).toMatch(/^(APIError|OpenAIError|AnthropicError|ApiError)$/);
    expect(ours.message).toContain("broke off");
    expect(row).toMatchObject({ outcome: "stream_error", status: 200, error_code: "upstream_error" });
  });

  test.concurrent.each([
    ["html", true],
    ["html", false],
    ["empty", false],
    ["malformed", false],
    ["bad-utf8", false],
  ])("an answer that is none is a failure the SDK may try again: %s, stream: %s", async (directive, stream) => {
    const visit = new Visit(gateway);
    const model = `${provider}/${upstream}+${directive}`;
    const error = await caught(ASK[endpoint](through(visit), model, visit.marker, stream));
    expect((error as ApiError).status).toBe(502);
    expect(error.message).toContain("The provider's answer could not be read.");
    expect(visit.seen[0]?.headers.get("x-gaia-upstream-status")).toBe("200");
    expect(visit.seen[0]?.headers.get("x-should-retry")).toBeNull();
    const [row] = await visit.rows();
    expect(row).toMatchObject({ outcome: "provider_error", status: 502, error_code: "malformed" });
  });

  test.concurrent("a provider that cannot be reached", async () => {
    const { ours, row } = await fails("hangup", false);
    expect(ours.status).toBe(502);
    expect(ours.message).toContain("could not be reached");
    expect(row).toMatchObject({ outcome: "provider_error", status: 502, error_code: "upstream_unreachable" });
  });
});

test.concurrent.each(["chat", "responses", "messages"] as const)(
  "%s: the SDK's own retries reach a healthy provider",
  async (endpoint) => {
    const [, provider, upstream] = SERVED.find(([one]) => one === endpoint) ?? [];
    const visit = new Visit(gateway);
    const clients = {
      ...through(visit),
      openai: visit.openai({ maxRetries: 2 }),
      anthropic: visit.anthropic({ maxRetries: 2 }),
    };
    const model = `${provider}/${upstream}+status-503+retry-after-ms-1+first-1+text-${endpoint}`;
    await ASK[endpoint](clients, model, visit.marker, false);
    const rows = await visit.rows();
    expect(rows.map((row) => [row.outcome, row.status])).toEqual([
      ["provider_error", 503],
      ["ok", 200],
    ]);
  },
);

/** An error of ours in each SDK: its class, and where it keeps the code. */
const codeOf = (error: Error): unknown => {
  if (error instanceof OpenAI.APIError) return error.code;
  if (error instanceof Anthropic.APIError) {
    return (error.error as { error: { details: { error_code: string } } }).error.details.error_code;
  }
  return JSON.parse(error.message).error.details[0].reason.toLowerCase();
};

const OURS = [
  {
    name: "a key that is none",
    code: "invalid_api_key",
    status: 401,
    openai: OpenAI.AuthenticationError,
    anthropic: Anthropic.AuthenticationError,
    apiKey: "sk-somebody-else",
    model: "{served}",
  },
  {
    name: "a model that does not exist",
    code: "model_not_found",
    status: 404,
    openai: OpenAI.NotFoundError,
    anthropic: Anthropic.NotFoundError,
    model: "gpt-99",
  },
] as const;

describe.each(OURS)("ours: $name", (row) => {
  test.concurrent.each(["chat", "responses", "messages", "gemini"] as const)("%s", async (endpoint) => {
    const [, provider, upstream] = SERVED.find(([one]) => one === endpoint) ?? [];
    const model = row.model.replace("{served}", `${provider}/${upstream}`);
    for (const stream of [false, true]) {
      const visit = new Visit(gateway);
      const key = "apiKey" in row ? row.apiKey : gateway.apiKey;
      const clients = {
        openai: visit.openai({ apiKey: key, maxRetries: 2 }),
        anthropic: visit.anthropic({ apiKey: key, maxRetries: 2 }),
        google: visit.google({ apiKey: key }),
      };
      const error = await caught(ASK[endpoint](clients, model, visit.marker, stream));
      const expected = endpoint === "gemini" ? ApiError : endpoint === "messages" ? row.anthropic : row.openai;
      expect(error).toBeInstanceOf(expected);
      expect((error as ApiError).status).toBe(row.status);
      expect(codeOf(error)).toBe(row.code);
      // The SDK was told not to try again, and no provider was asked.
      expect(visit.seen).toHaveLength(1);
      expect(visit.seen[0]?.headers.get("x-should-retry")).toBe("false");
      expect(await visit.books(0)).toEqual([]);
    }
  });
});

describe("a provider that falls silent in the middle of an answer", () => {
  let impatient: Gateway;
  beforeAll(async () => {
    impatient = await startGateway({ bindings: { UPSTREAM_IDLE_TIMEOUT_MS: "500" } });
  });
  afterAll(() => impatient?.stop());

  const ASKED = ["openai/gpt-4.1", "anthropic/claude-haiku-4-5", "google/gemini-3.6-flash"];
  test.concurrent.each(ASKED.flatMap((model) => Object.keys(ASK).map((endpoint) => [endpoint, model] as const)))(
    "%s of %s",
    async (endpoint, model) => {
      const visit = new Visit(impatient);
      const asked = ASK[endpoint as Endpoint](
        through(visit, impatient.apiKey),
        `${model}+silence-0`,
        visit.marker,
        false,
      );
      const error = await caught(asked);
      expect((error as ApiError).status).toBe(504);
      expect(codeOf(error)).toBe("upstream_timeout");
      expect(await visit.rows()).toMatchObject([{ outcome: "timeout", status: 504, error_code: "upstream_timeout" }]);
      expect(await visit.books(1)).toMatchObject([{ clientGone: true }]);
    },
  );

  test.concurrent.each(["openai/text-embedding-3-small", "google/gemini-embedding-001"])(
    "embeddings of %s",
    async (model) => {
      const visit = new Visit(impatient);
      const client = visit.openai({ apiKey: impatient.apiKey });
      const error = await caught(client.embeddings.create({ model: `${model}+silence-0`, input: visit.marker }));
      expect(error).toMatchObject({ status: 504, code: "upstream_timeout" });
      expect(await visit.rows()).toMatchObject([{ outcome: "timeout", status: 504 }]);
    },
  );

  test.concurrent.each([
    ["silence-0", 0, 504],
    ["chunks-5+silence-2", 2, 504],
    ["chunks-5+cut-2", 2, 502],
  ])("Gemini's stream as an array is one to its end: %s", async (directives, elements, code) => {
    const url = `${impatient.url}/v1beta/models/google/gemini-3.6-flash+${directives}:streamGenerateContent`;
    const response = await fetch(url, {
      method: "POST",
      headers: { "x-goog-api-key": impatient.apiKey, "content-type": "application/json" },
      body: JSON.stringify({ contents: [{ parts: [{ text: "?" }] }] }),
    });
    const told = JSON.parse(await response.text());
    expect(told).toHaveLength(elements + 1);
    expect(told.at(-1)).toMatchObject({ error: { code } });
  });
});
