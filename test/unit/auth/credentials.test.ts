import { describe, expect, it } from "vitest";
import { readCredential } from "../../../worker/auth/credentials.ts";
import { GatewayError } from "../../../worker/errors.ts";

type Headers_ = [string, string][];
const bearer = (token: string): [string, string] => ["authorization", `Bearer ${token}`];

/** The key found, or the code of the refusal. */
function outcome(headers: Headers_, path = "/v1/chat/completions"): string {
  try {
    return readCredential(new Headers(headers), new URL(path, "https://gaia.example")).key;
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

describe("readCredential", () => {
  it.each<[string, Headers_, string | undefined, string]>([
    ["Authorization: Bearer", [bearer("a-key")], undefined, "a-key"],
    ["bearer in lower case", [["authorization", "bearer a-key"]], undefined, "a-key"],
    ["spaces around", [["authorization", "  Bearer   a-key  "]], undefined, "a-key"],
    ["x-api-key", [["x-api-key", "a-key"]], undefined, "a-key"],
    ["x-goog-api-key", [["x-goog-api-key", "a-key"]], undefined, "a-key"],
    ["x-api-key on Gemini's path", [["x-api-key", "a-key"]], "/v1beta/models/gemini:generateContent", "a-key"],
    ["x-goog-api-key on the management API", [["x-goog-api-key", "a-key"]], "/api/keys", "a-key"],
    ["?key= under /v1beta", [], "/v1beta/models/gemini:generateContent?key=a-key", "a-key"],
    ["?key= on a list of /v1beta", [], "/v1beta/models?key=a-key", "a-key"],
    ["?key= on a method under /v1", [], "/v1/models/gemini:streamGenerateContent?alt=sse&key=a-key", "a-key"],
    ["?key= on a method of a model with slashes", [], "/v1/models/google/gemini:countTokens?key=a-key", "a-key"],
    ["?key= on Chat", [], "/v1/chat/completions?key=a-key", "missing_api_key"],
    ["?key= on the model list", [], "/v1/models?key=a-key", "missing_api_key"],
    ["?key= on one model", [], "/v1/models/gpt-6?key=a-key", "missing_api_key"],
    ["?key= on the management API", [], "/api/keys?key=a-key", "missing_api_key"],
    ["?key= ignored beside a header", [bearer("a-key")], "/v1/responses?key=another", "a-key"],
    ["nothing", [], undefined, "missing_api_key"],
    ["an empty bearer", [["authorization", "Bearer "]], undefined, "missing_api_key"],
    ["another scheme", [["authorization", "Basic dXNlcjpwYXNz"]], undefined, "missing_api_key"],
    [
      "another scheme beside a key",
      [
        ["authorization", "Basic dXNlcjpwYXNz"],
        ["x-api-key", "a-key"],
      ],
      undefined,
      "a-key",
    ],
    ["a cookie only", [["cookie", "key=a-key"]], undefined, "missing_api_key"],
    [
      "the same key three times",
      [bearer("a-key"), ["x-api-key", "a-key"], ["x-goog-api-key", "a-key"]],
      undefined,
      "a-key",
    ],
    ["two Authorization headers, equal", [bearer("a-key"), bearer("a-key")], undefined, "a-key"],
    ["two Authorization headers", [bearer("a-key"), bearer("another")], undefined, "ambiguous_credentials"],
    [
      "two Authorization headers, one without scheme",
      [bearer("a-key"), ["authorization", "another"]],
      undefined,
      "ambiguous_credentials",
    ],
    [
      "two x-api-key headers",
      [
        ["x-api-key", "a-key"],
        ["x-api-key", "another"],
      ],
      undefined,
      "ambiguous_credentials",
    ],
    ["different keys in two headers", [bearer("a-key"), ["x-api-key", "another"]], undefined, "ambiguous_credentials"],
    ["different keys in header and query", [bearer("a-key")], "/v1beta/models?key=another", "ambiguous_credentials"],
    ["two keys in the query", [], "/v1beta/models?key=a-key&key=another", "ambiguous_credentials"],
    ["a key of 16 KB", [bearer("k".repeat(16_384))], undefined, "invalid_api_key"],
    ["a key that is not ASCII", [bearer("sk-gaia-é")], undefined, "invalid_api_key"],
    ["a key of several words", [bearer("sk gaia")], undefined, "invalid_api_key"],
    ["a query key that is not ASCII", [], "/v1beta/models?key=%F0%9F%94%91", "invalid_api_key"],
  ])("%s", (_, headers, path, expected) => {
    expect(outcome(headers, path)).toBe(expected);
  });

  it("never repeats the key in its message", () => {
    expect(() => readCredential(new Headers([bearer("sécret")]), new URL("https://gaia.example/"))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("cret") }),
    );
  });
});
