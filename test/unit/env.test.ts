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

describe("signing in at identity providers", () => {
  const PLACE = { SIGN_ON_ORGANIZATION: "org_00000000", SIGN_ON_ROLES: '{"*":"viewer"}' };
  const OIDC = { OIDC_ISSUER: "https://id.example.com", OIDC_CLIENT_ID: "gaia", OIDC_CLIENT_SECRET: "s" };
  const ACCESS = { CF_ACCESS_TEAM_DOMAIN: "team.cloudflareaccess.com", CF_ACCESS_AUD: "a" };
  const parse = (settings: Record<string, string>) => parseEnvironment({ ...NEEDED, ...settings });

  test.each<[string, string, unknown]>([
    ["none", "{}", {}],
    ["a role", '{"admins":"admin"}', { admins: { role: "admin", organizationId: null } }],
    [
      "a role somewhere",
      '{"@example.com":{"role":"member","organization_id":"org_11111111"}}',
      { "@example.com": { role: "member", organizationId: "org_11111111" } },
    ],
  ])("roles: %s", (_, text, expected) => {
    expect(parse({ ...PLACE, ...OIDC, SIGN_ON_ROLES: text }).SIGN_ON_ROLES).toEqual(expected);
  });

  test.each<[string, Record<string, string>, string]>([
    ["an issuer alone", { OIDC_ISSUER: OIDC.OIDC_ISSUER }, "OIDC_CLIENT_ID: must be there with OIDC_ISSUER"],
    ["a team alone", { ...PLACE, CF_ACCESS_TEAM_DOMAIN: "t.example" }, "CF_ACCESS_AUD: must be there"],
    ["nobody's people", OIDC, "SIGN_ON_ORGANIZATION: must be there with OIDC_ISSUER"],
    ["nobody's people of Access", ACCESS, "SIGN_ON_ORGANIZATION: must be there with CF_ACCESS_TEAM_DOMAIN"],
    ["no roles", { ...OIDC, SIGN_ON_ORGANIZATION: "org_00000000" }, "SIGN_ON_ROLES: must be there"],
    ["roles that are no JSON", { ...PLACE, SIGN_ON_ROLES: "HIDDEN" }, "SIGN_ON_ROLES: must be a JSON object"],
    ["a role there is not", { ...PLACE, SIGN_ON_ROLES: '{"HIDDEN":"god"}' }, "SIGN_ON_ROLES: must be a JSON object"],
    [
      "an organization there cannot be",
      { ...PLACE, SIGN_ON_ROLES: '{"a":{"role":"admin","organization_id":"HIDDEN"}}' },
      "SIGN_ON_ROLES: must be a JSON object",
    ],
  ])("%s is refused", (_, settings, message) => {
    expect(() => parse(settings)).toThrow(message);
    expect(() => parse(settings)).not.toThrow("HIDDEN");
  });
});

describe("the months that requests are kept", () => {
  const parse = (value: string | undefined) => parseEnvironment({ ...NEEDED, USAGE_RETENTION_MONTHS: value });

  test.each([
    [undefined, 13],
    ["", 13],
    ["0", 0],
    ["3", 3],
    ["120", 120],
  ])("%s", (value, months) => {
    expect(parse(value).USAGE_RETENTION_MONTHS).toBe(months);
  });

  test.each(["2", "-3", "4.5", "x"])("%s is refused", (value) => {
    expect(() => parse(value)).toThrow(/USAGE_RETENTION_MONTHS/);
  });
});
