import { expect } from "vitest";
import type { Answer } from "./wire.ts";

/** Each inference endpoint, with a request it takes and what its errors look like. */
export interface Endpoint {
  name: string;
  envelope: "openai" | "anthropic" | "google";
  path: string;
  /** Where the model stands: in the body, or in the path. */
  withModel(model: string): { path: string; body: Record<string, unknown> };
  /** The member that must be there, and must be a list that is not empty; null where the provider judges. */
  required: string | null;
}

const inBody = (path: string, rest: Record<string, unknown>) => (model: string) => ({ path, body: { model, ...rest } });
const MESSAGES = { messages: [{ role: "user", content: "hello" }] };
const CONTENTS = { contents: [{ role: "user", parts: [{ text: "hello" }] }] };

/** Nothing of ours is so long that a segment of the path needs escaping but for white space. */
const inPath = (version: string, method: string) => (model: string) => ({
  path: `/${version}/models/${model.replaceAll(" ", "%20")}:${method}`,
  body: CONTENTS,
});

const openai = (name: string, path: string, model: string, required: string | null, rest: Record<string, unknown>) =>
  ({ name, envelope: "openai", path, withModel: inBody(path, rest), required, model }) as const;
const anthropic = (name: string, path: string) =>
  ({
    name,
    envelope: "anthropic",
    path,
    withModel: inBody(path, { max_tokens: 9, ...MESSAGES }),
    required: "messages",
    model: "anthropic/claude-haiku-4-5",
  }) as const;
const google = (name: string, version: string, method: string) => {
  const model = "google/gemini-3.6-flash";
  const withModel = inPath(version, method);
  return { name, envelope: "google", path: withModel(model).path, withModel, required: "contents", model } as const;
};

export const ENDPOINTS: (Endpoint & { model: string })[] = [
  openai("Chat", "/v1/chat/completions", "openai/gpt-4.1", "messages", MESSAGES),
  openai("Responses", "/v1/responses", "openai/gpt-4.1", "input", { input: [{ role: "user", content: "hello" }] }),
  openai("input_tokens", "/v1/responses/input_tokens", "openai/gpt-4.1", "input", { input: "hello" }),
  openai("embeddings", "/v1/embeddings", "openai/text-embedding-3-small", null, { input: "hello" }),
  anthropic("Messages", "/v1/messages"),
  anthropic("count_tokens", "/v1/messages/count_tokens"),
  google("generateContent", "v1beta", "generateContent"),
  google("streamGenerateContent under /v1", "v1", "streamGenerateContent"),
  google("countTokens", "v1beta", "countTokens"),
];

/** Anthropic's `type` and Google's `status` for each HTTP status that a refusal has. */
const WORDS: Record<number, [anthropic: string, google: string]> = {
  400: ["invalid_request_error", "INVALID_ARGUMENT"],
  401: ["authentication_error", "UNAUTHENTICATED"],
  403: ["permission_error", "PERMISSION_DENIED"],
  404: ["not_found_error", "NOT_FOUND"],
  405: ["invalid_request_error", "INVALID_ARGUMENT"],
  413: ["request_too_large", "INVALID_ARGUMENT"],
  415: ["invalid_request_error", "INVALID_ARGUMENT"],
  431: ["invalid_request_error", "INVALID_ARGUMENT"],
  508: ["api_error", "INTERNAL"],
};

export interface Refusal {
  status: number;
  code: string;
  /** The member at fault; left out: not looked at. */
  param?: string | null;
  /** The `Allow` header. */
  allow?: string;
}

const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
/** Stack frames, SQL, and the inside of the runtime: nothing a stranger is to read. */
const LEAK =
  /\bat \S+ \(|\bat async |\.(?:ts|js):\d|\bselect\b.+\bfrom\b|\binsert into\b|TypeError|SyntaxError|Durable/i;

/** Whether an answer is this very refusal, in the endpoint's own envelope and with the headers its SDK reads. */
export function expectRefusal(answer: Answer, envelope: Endpoint["envelope"], refusal: Refusal): { message: string } {
  const { status, code, param, allow } = refusal;
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status, text: expect.stringContaining("{") });
  const { headers } = answer;
  const requestId = headers["x-request-id"];
  expect(requestId).toMatch(ULID);
  expect(headers["content-type"]).toBe("application/json");
  expect(headers["x-should-retry"]).toBe("false");
  expect(headers["retry-after"]).toBeUndefined();
  expect(headers.allow).toBe(allow);
  expect(answer.text).not.toMatch(LEAK);

  const [type, word] = WORDS[status] ?? [];
  const message = expect.stringMatching(/^\S.*[.?]$/s);
  const body = JSON.parse(answer.text);
  switch (envelope) {
    case "openai":
      expect(body).toEqual({
        error: {
          ...{ message, type: status < 500 ? "invalid_request_error" : "server_error", code },
          param: param === undefined ? body.error.param : param,
        },
      });
      break;
    case "anthropic":
      expect(headers["request-id"]).toBe(requestId);
      expect(body).toMatchObject({
        type: "error",
        error: { type, message, details: { error_code: code, ...(param ? { param } : {}) } },
        request_id: requestId,
      });
      break;
    case "google":
      expect(body).toMatchObject({
        error: {
          code: status,
          message,
          status: word,
          details: [
            {
              "@type": "type.googleapis.com/google.rpc.ErrorInfo",
              reason: code.toUpperCase(),
              domain: "gaiarouter",
              metadata: { request_id: requestId, ...(param ? { field: param } : {}) },
            },
          ],
        },
      });
      break;
  }
  return body.error;
}
