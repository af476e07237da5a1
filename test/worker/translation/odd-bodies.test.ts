import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { oddBodies } from "../../support/translation-properties/bodies.ts";
import { seed } from "../../support/translation-properties/seed.ts";
import { send } from "../bad-input/wire.ts";

/** Bodies in any state at every endpoint, for models that another dialect serves: an answer, or a refusal in the client's form. */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

const RUNS = 100;

const CLAUDE = ["anthropic/claude-opus-5-5", "anthropic/claude-sonnet-4-5"];
const GEMINI = ["google/gemini-3.6-flash", "google/gemini-2.5-flash"];
const GPT = ["openai/gpt-4.1", "openai/gpt-6.1-sol"];

interface Endpoint {
  name: string;
  dialect: ChatDialectId;
  models: string[];
  path(model: string): string;
}

const fixed = (name: string, dialect: ChatDialectId, path: string, models: string[]): Endpoint => ({
  name,
  dialect,
  models,
  path: () => path,
});
const gemini = (method: string, models: string[]): Endpoint => ({
  name: method,
  dialect: "google-generate-content",
  models,
  path: (model) => `/v1beta/models/${model}:${method}`,
});

const ENDPOINTS: Endpoint[] = [
  fixed("Chat", "openai-chat", "/v1/chat/completions", [...CLAUDE, ...GEMINI]),
  fixed("Responses", "openai-responses", "/v1/responses", [...CLAUDE, ...GEMINI]),
  fixed("Messages", "anthropic-messages", "/v1/messages", [...GPT, ...GEMINI]),
  fixed("count_tokens", "anthropic-messages", "/v1/messages/count_tokens", [...GPT, ...GEMINI]),
  gemini("generateContent", [...GPT, ...CLAUDE, "openrouter/z-ai/glm-5"]),
  gemini("streamGenerateContent", [...GPT, ...CLAUDE, "openrouter/z-ai/glm-5"]),
  gemini("streamGenerateContent?alt=sse", [...GPT, ...CLAUDE]),
  gemini("countTokens", [...GPT, ...CLAUDE]),
];

const text = expect.stringMatching(/./s);
const word = expect.stringMatching(/^\w+$/);
const ENVELOPES: Record<ChatDialectId, (id: string) => object> = {
  "openai-chat": () => ({ error: { message: text, type: word, code: word } }),
  "openai-responses": () => ({ error: { message: text, type: word, code: word } }),
  "anthropic-messages": (id) => ({
    type: "error",
    error: { type: word, message: text, details: { error_code: word } },
    request_id: id,
  }),
  "google-generate-content": (id) => ({
    error: {
      code: expect.any(Number),
      message: text,
      status: word,
      details: [{ reason: word, metadata: { request_id: id } }],
    },
  }),
};

/** A stream that is not SSE has its error in an array, as at Google. */
function errorIn(answer: string): unknown {
  const body = JSON.parse(answer) as unknown;
  return Array.isArray(body) ? body[0] : body;
}

/** The body with the model in it, and the stream switched on or off, whatever it is. */
function addressed(body: string, model: string, stream: boolean): string {
  const inner = /^\{([\s\S]*)\}$/.exec(body)?.[1];
  if (inner === undefined) return body;
  const rest = inner.trim() === "" ? "" : `,${inner}`;
  return `{"model":${JSON.stringify(model)},"stream":${stream}${rest}}`;
}

describe.each(ENDPOINTS)("$name", ({ dialect, models, path }) => {
  test("answers whatever it is sent", async () => {
    const google = dialect === "google-generate-content";
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(oddBodies(dialect), fc.constantFrom(...models), fc.boolean(), async (body, model, stream) => {
        const started = performance.now();
        const answer = await send(gateway.url, {
          method: "POST",
          path: path(model),
          headers: ["content-type", "application/json", "x-api-key", gateway.apiKey],
          body: google ? body : addressed(body, model, stream),
        });
        expect(performance.now() - started).toBeLessThan(5000);
        const id = answer.headers["x-request-id"];
        expect(id).toEqual(expect.any(String));
        expect({ status: answer.status, text: answer.text }).toSatisfy(
          ({ status }: { status: number }) => status === 200 || (status >= 400 && status < 500),
        );
        if (answer.status === 200) answered++;
        else expect(errorIn(answer.text)).toMatchObject(ENVELOPES[dialect](String(id)));
      }),
      { seed, numRuns: RUNS },
    );
    expect(answered).toBeGreaterThan(RUNS / 10);
  });
});

test("none of it was a failure of the gateway's", () => {
  expect(gateway.output()).not.toMatch(/internal_error|"level":"error"/);
});
