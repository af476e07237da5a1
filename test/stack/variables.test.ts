import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unstable_getVarsForDev } from "wrangler";
import { quoteVariable } from "../../local/stack/programs.ts";
import { readSettings } from "../../local/stack/settings.ts";
import { temporaryDataDir } from "../support/temporary-data-dir.ts";

test.each([
  "sk-proj-abc_DEF-123",
  "with space # and hash",
  "a=b&c=d",
  "$HOME $1 a$",
  `$${"{HOME}"}`,
  "it's",
  'say "hi"',
  "tick ` tick",
  "it's `both`",
  "back\\slash\\n",
  "",
])("wrangler reads %j as it was written", (value) => {
  const file = join(temporaryDataDir(), "worker.env");
  writeFileSync(file, `BEFORE='x'\nVALUE=${quoteVariable(value)}\nAFTER='y'\n`);
  const read = unstable_getVarsForDev(undefined, [file], {}, undefined, true, undefined);
  expect(read.VALUE?.value).toBe(value);
  expect(read.AFTER?.value).toBe("y");
});

test.each(["two\nlines", "'\"`", "it's `both` \\n"])("%j is refused, for wrangler could not read it", (value) => {
  expect(() => quoteVariable(value)).toThrow();
});

test("every provider's variables reach the Worker, and nothing else of the environment", () => {
  const own = {
    ...Object.fromEntries(
      ["OPENAI", "ANTHROPIC", "GOOGLE", "OPENROUTER", "COMPATIBLE"].flatMap((name) => [
        [`${name}_API_KEY`, `key of ${name}`],
        [`${name}_BASE_URL`, `https://${name.toLowerCase()}.example.com/v1`],
      ]),
    ),
    PROVIDER_CREDENTIALS: '{"openai":{"second":{"api_key":"k"}}}',
    ANTHROPIC_VERSION: "2026-10-21",
    LEDGER_HOLD_SECONDS: "9",
    USAGE_RETENTION_MONTHS: "24",
    UPSTREAM_HEADERS_TIMEOUT_MS: "1000",
    UPSTREAM_FIRST_TOKEN_TIMEOUT_MS: "1000",
    UPSTREAM_IDLE_TIMEOUT_MS: "1000",
    UPSTREAM_TOTAL_TIMEOUT_MS: "1000",
    UPSTREAM_RETRY_FLOOR: "5",
    CF_ACCESS_TEAM_DOMAIN: "team.cloudflareaccess.com",
    CF_ACCESS_AUD: "a",
    OIDC_ISSUER: "https://id.example.com",
    OIDC_CLIENT_ID: "gaia",
    OIDC_CLIENT_SECRET: "s",
    OIDC_ROLES_CLAIM: "groups",
    SIGN_ON_ORGANIZATION: "org_00000000",
    SIGN_ON_ROLES: '{"*":"viewer"}',
    SIGN_ON_CONTACT: "it@example.com",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:4318/v1/traces",
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://127.0.0.1:4318/v1/logs",
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=a%20b",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_SERVICE_NAME: "gaia",
    OTEL_RESOURCE_ATTRIBUTES: "a=b,c=d",
    OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
    OTEL_TRACES_SAMPLER_ARG: "0.1",
    TRACE_CONTEXT_TO_PROVIDERS: "false",
  };
  const others = { PATH: "/bin", AWS_SECRET_ACCESS_KEY: "x", GOOGLE_APPLICATION_CREDENTIALS: "y" };
  expect(readSettings({ ...own, ...others }).workerVariables).toEqual(own);
  expect(readSettings(others).workerVariables).toEqual({});
});

test.each([
  [{ ANTHROPIC_VERSION: "2024-01-01" }, /ANTHROPIC_VERSION must be 2023-06-01 or 2026-10-21/],
  [{ PROVIDER_CREDENTIALS: "openai=k" }, /PROVIDER_CREDENTIALS must be JSON/],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" }, /OTEL_EXPORTER_OTLP_ENDPOINT must be a URL/],
  [{ COMPATIBLE_API_KEY: "k" }, /COMPATIBLE_API_KEY needs COMPATIBLE_BASE_URL/],
  [{ COMPATIBLE_BASE_URL: "http://127.0.0.1:11434/v1" }, /COMPATIBLE_BASE_URL needs COMPATIBLE_API_KEY/],
  [{ COMPATIBLE_API_KEY: "k", COMPATIBLE_BASE_URL: "localhost:11434" }, /COMPATIBLE_BASE_URL must be a URL/],
])("%j is refused, with what to do", (environment, message) => {
  expect(() => readSettings(environment)).toThrow(message);
});
