import { describe, expect, test } from "vitest";
import type { DialectId } from "../../../worker/canonical/dialect-id.ts";
import { dialects } from "../../../worker/dialects/registry.ts";
import { type ErrorClass, type ErrorCode, GatewayError } from "../../../worker/errors.ts";

const ID = "01J00000000000000000000000";

interface Row {
  class: ErrorClass;
  code: ErrorCode;
  status: number;
  /** OpenAI's `type`, Anthropic's `type`, Google's `status`. */
  words: [openai: string, anthropic: string, google: string];
}

const row = (errorClass: ErrorClass, code: ErrorCode, status: number, ...words: Row["words"]): Row => ({
  class: errorClass,
  code,
  status,
  words,
});

/** A code of each class that has one. */
const ROWS: Row[] = [
  row("invalid_request", "invalid_value", 400, "invalid_request_error", "invalid_request_error", "INVALID_ARGUMENT"),
  row(
    "invalid_request",
    "method_not_allowed",
    405,
    "invalid_request_error",
    "invalid_request_error",
    "INVALID_ARGUMENT",
  ),
  row("authentication", "invalid_api_key", 401, "invalid_request_error", "authentication_error", "UNAUTHENTICATED"),
  row("permission", "model_not_allowed", 403, "invalid_request_error", "permission_error", "PERMISSION_DENIED"),
  row("not_found", "model_not_found", 404, "invalid_request_error", "not_found_error", "NOT_FOUND"),
  row("conflict", "conflict", 409, "invalid_request_error", "conflict_error", "ABORTED"),
  row("too_large", "request_too_large", 413, "invalid_request_error", "request_too_large", "INVALID_ARGUMENT"),
  row("rate_limit", "too_many_attempts", 429, "requests", "rate_limit_error", "RESOURCE_EXHAUSTED"),
  row("overloaded", "ledger_unavailable", 503, "server_error", "overloaded_error", "UNAVAILABLE"),
  row("timeout", "upstream_timeout", 504, "server_error", "timeout_error", "DEADLINE_EXCEEDED"),
  row("internal", "upstream_error", 502, "server_error", "api_error", "INTERNAL"),
];

/** The JSON inside a stream's last event. */
const dataOf = (event: string): unknown => JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? "null");

describe.each(ROWS)("$class: $code", ({ class: errorClass, code, status, words: [openai, anthropic, google] }) => {
  const error = new GatewayError(code, "What is wrong, and what to do.", { param: "messages[0]", retryAfter: 7 });
  const bare = new GatewayError(code, "What is wrong, and what to do.");
  const message = error.message;

  test("has its status", () => {
    expect([error.class, error.status]).toEqual([errorClass, status]);
    // Official SDKs would ask again for what cannot change.
    if (status < 500 && status !== 429) expect(error.retry).toBe(false);
  });

  test.each(["openai-chat", "openai-responses", "openai-embeddings"] as const)("in %s", (id) => {
    expect(dialects[id].encodeError(error, ID)).toEqual({
      body: { error: { message, type: openai, param: "messages[0]", code } },
      headers: {},
    });
    expect(dialects[id].encodeError(bare, ID).body).toEqual({ error: { message, type: openai, param: null, code } });
  });

  test("in anthropic-messages", () => {
    expect(dialects["anthropic-messages"].encodeError(error, ID)).toEqual({
      body: {
        type: "error",
        error: { type: anthropic, message, details: { error_code: code, param: "messages[0]" } },
        request_id: ID,
      },
      headers: { "request-id": ID },
    });
  });

  test("in google-generate-content", () => {
    const info = (field?: string) => ({
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: code.toUpperCase(),
      domain: "gaiarouter",
      metadata: { request_id: ID, ...(field === undefined ? {} : { field }) },
    });
    const delay = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "7s" };
    const { encodeError } = dialects["google-generate-content"];
    expect(encodeError(error, ID).body).toEqual({
      error: { code: status, message, status: google, details: [info("messages[0]"), delay] },
    });
    expect(encodeError(bare, ID).body).toEqual({ error: { code: status, message, status: google, details: [info()] } });
  });

  test("inside a stream that has begun, one event of the dialect's own form and no sign of success", () => {
    const event = (id: DialectId) => dialects[id].encodeStreamError(error, ID);
    expect(event("openai-chat")).toMatch(/^data: \{.*\}\n\n$/);
    // Beside `choices` the AI SDK would not see it.
    expect(Object.keys(dataOf(event("openai-chat")) as object)).toEqual(["error"]);
    expect(dataOf(event("openai-chat"))).toMatchObject({ error: { code } });
    expect(event("openai-responses")).toMatch(/^event: error\ndata: \{.*\}\n\n$/);
    expect(dataOf(event("openai-responses"))).toMatchObject({ type: "error", code, message });
    expect(event("anthropic-messages")).toMatch(/^event: error\ndata: \{.*\}\n\n$/);
    expect(dataOf(event("anthropic-messages"))).toMatchObject({ type: "error", error: { type: anthropic, message } });
    expect(event("google-generate-content")).toMatch(/^data: \{.*\}\r\n\r\n$/);
    // Google's SDK looks for a number from 400 to 599.
    expect(dataOf(event("google-generate-content"))).toMatchObject({ error: { code: status, status: google } });
  });
});

describe("a conversation that is too long, in the words by which Claude Code knows it", () => {
  const PREFIX = "prompt is too long: ";
  test.each([
    ["OpenAI's", "This model's maximum context length is 8192 tokens.", PREFIX],
    ["Google's", "The input token count (9) exceeds the maximum number of tokens allowed (8).", PREFIX],
    ["Anthropic's own", "prompt is too long: 9 tokens > 8 maximum", ""],
  ])("%s", (_, message, prefix) => {
    const error = new GatewayError("context_length_exceeded", message);
    const { encodeError, encodeStreamError } = dialects["anthropic-messages"];
    const told = { error: { message: prefix + message } };
    expect(encodeError(error, ID).body).toMatchObject(told);
    expect(dataOf(encodeStreamError(error, ID))).toMatchObject(told);
    expect(dialects["openai-chat"].encodeError(error, ID).body).toMatchObject({ error: { message } });
  });
});
