import { describe, expect, test } from "vitest";
import { parseEnvironment } from "../../worker/env.ts";

const SECRET = "x".repeat(32);
const NEEDED = { DATABASE_URL: "postgres://a@b/c", KEY_PEPPER: SECRET, MASTER_KEY: SECRET, SESSION_SECRET: SECRET };

describe("named credentials", () => {
  const parse = (value: unknown, more: object = {}) =>
    parseEnvironment({
      ...{ ...NEEDED, ...more, PROVIDER_CREDENTIALS: typeof value === "string" ? value : JSON.stringify(value) },
    }).PROVIDER_CREDENTIALS;

  const HOST = "http://127.0.0.1:11434/v1";

  test.each<[string, unknown, unknown]>([
    ["none", "", undefined],
    ["none of a provider", { openai: {} }, { openai: {} }],
    [
      "some",
      { openai: { second: { api_key: "k" }, "3": { api_key: "l", base_url: HOST } } },
      { openai: { second: { apiKey: "k", baseUrl: null }, "3": { apiKey: "l", baseUrl: HOST } } },
    ],
    [
      "one of a compatible host",
      { compatible: { paris: { api_key: "k", base_url: HOST } } },
      { compatible: { paris: { apiKey: "k", baseUrl: HOST } } },
    ],
  ])("%s", (_, value, expected) => {
    expect(parse(value)).toEqual(expected);
  });

  const NOT_JSON = "PROVIDER_CREDENTIALS: must be a JSON object";
  const NO_NAMES = "PROVIDER_CREDENTIALS.openai: must be an object whose members are named";
  const NO_KEY = "PROVIDER_CREDENTIALS.openai.second: must be an object with 'api_key'";

  test.each<[unknown, string]>([
    ["sk-HIDDEN", NOT_JSON],
    ['{"openai": {"second": {"api_key": "HIDDEN"}', NOT_JSON],
    [["HIDDEN"], NOT_JSON],
    [{ HIDDEN: {} }, NOT_JSON],
    [{ openai: "HIDDEN" }, NO_NAMES],
    [{ openai: { HIDDEN: { api_key: "k" } } }, NO_NAMES],
    [{ openai: { second: "HIDDEN" } }, NO_KEY],
    [{ openai: { second: { HIDDEN: "k" } } }, NO_KEY],
    [{ openai: { second: { api_key: "k", HIDDEN: 1 } } }, NO_KEY],
    [{ openai: { second: { api_key: "" } } }, NO_KEY],
    [{ openai: { second: { api_key: ["HIDDEN"] } } }, NO_KEY],
    [{ openai: { second: { api_key: "k", base_url: "HIDDEN" } } }, NO_KEY],
    [
      { compatible: { second: { api_key: "HIDDEN" } } },
      "PROVIDER_CREDENTIALS.compatible.second.base_url: must be there",
    ],
  ])("%j is refused, and nothing of it is shown", (value, message) => {
    expect(() => parse(value)).toThrow(message);
    expect(() => parse(value)).not.toThrow("HIDDEN");
  });

  test("a compatible host's may go where the others do", () => {
    const value = { compatible: { second: { api_key: "k" } } };
    expect(parse(value, { COMPATIBLE_BASE_URL: HOST })).toEqual({
      compatible: { second: { apiKey: "k", baseUrl: null } },
    });
  });
});
