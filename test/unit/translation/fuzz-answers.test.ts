import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { errorOfFailure } from "../../../worker/dialects/failure.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { restoreAnswer } from "../../../worker/dialects/restore-tools.ts";
import { type JsonObject, parseJson } from "../../../worker/lib/json.ts";
import { factsOfAnswer } from "../../../worker/router/canonical-meter.ts";
import { FIXTURES } from "../../fixtures/exchanges.ts";
import { answer, bodyOf, contextOf } from "../../support/translation-properties/answers.ts";
import { checkAnswer } from "../../support/translation-properties/contracts.ts";
import { oddities, oddJson } from "../../support/translation-properties/mutilate.ts";
import { DIALECTS } from "../../support/translation-properties/plan.ts";
import { seed } from "../../support/translation-properties/seed.ts";
import { isTooDeep } from "../../support/translation-properties/translate.ts";

/** Providers' whole answers and errors, good ones and all others. */

const RUNS = 400;

const recorded = (dialect: ChatDialectId): string[] =>
  FIXTURES.filter((one) => one.dialect === dialect && !one.stream).map((one) => new TextDecoder().decode(one.response));

const anything = fc.oneof(
  fc.constantFrom(...oddities),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
);
const changes = fc.array(fc.tuple(fc.nat(10_000), anything), { maxLength: 3 });

const oddAnswers = (dialect: ChatDialectId): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.oneof(
        { weight: 3, arbitrary: answer.map((one) => JSON.stringify(bodyOf(one, dialect))) },
        { weight: 1, arbitrary: fc.constantFrom("{}", ...recorded(dialect)) },
      ),
      changes,
    )
    .map(([text, made]) => made.reduce<string>((changed, [pick, by]) => oddJson(changed, pick, by), text));

const RESTORED = { tools: new Map([["weather", { name: "Wetter", namespace: "ns" }]]), jsonTool: "json" };

/** What a client gets; null where the answer is a failure, or nests too deep. */
function translated(text: string, upstream: ChatDialectId, client: ChatDialectId): JsonObject | null {
  try {
    const { answer: decoded, failure } = chatDialects[upstream].decodeAnswer(parseJson(text));
    factsOfAnswer(decoded, failure);
    if (failure !== null) {
      expect(errorOfFailure(failure).status).toBeGreaterThanOrEqual(400);
      return null;
    }
    const encoded = chatDialects[client].encodeAnswer(restoreAnswer(decoded, RESTORED), contextOf(client));
    return JSON.parse(JSON.stringify(encoded)) as JsonObject;
  } catch (error) {
    if (isTooDeep(error)) return null;
    throw error;
  }
}

describe.each(DIALECTS)("an answer of %s", (upstream) => {
  test.each(DIALECTS)("as it should be, for %s", (client) => {
    fc.assert(
      fc.property(answer, (given) => {
        const body = translated(JSON.stringify(bodyOf(given, upstream)), upstream, client);
        if (body === null) expect(given.candidates[0]?.stop.reason).toBe("malformed_tool_call");
        else checkAnswer(client, body);
      }),
      { seed, numRuns: RUNS },
    );
  });

  test.each(DIALECTS)("in any state, for %s", (client) => {
    fc.assert(
      fc.property(oddAnswers(upstream), (text) => {
        const body = translated(text, upstream, client);
        if (body !== null) checkAnswer(client, body);
      }),
      { seed, numRuns: RUNS },
    );
  });

  test("an error in any state", () => {
    const headers = fc.dictionary(
      fc.constantFrom("retry-after", "retry-after-ms", "x-should-retry"),
      fc.constantFrom("-1", "1e308", "Infinity", "NaN", "soon", "0", "2.5", "Wed, 21 Oct 2026 07:28:00 GMT"),
    );
    const errors = fc.oneof(
      anything,
      fc
        .tuple(
          fc.constantFrom<string[]>(
            '{"error":{"message":"m","type":"t","code":"c","param":null,"metadata":{"raw":"{}","error_type":"e"}}}',
            '{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"[[\\"x\\"]]"}}}',
            '{"type":"error","error":{"type":"invalid_request_error","message":"m","details":{"error_code":"c"}}}',
            '[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"-3s"},{"reason":"r"}]}}]',
            '{"error":{"code":429,"message":"m","status":"UNAVAILABLE","details":[{"retryDelay":"1e300s"}]}}',
          ),
          changes,
        )
        .map(([text, made]) => made.reduce<string>((changed, [pick, by]) => oddJson(changed, pick, by), text)),
    );
    const status = fc.constantFrom(400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 429, 500, 502, 503, 504, 529, 599);
    fc.assert(
      fc.property(errors, headers, status, (text, told, code) => {
        const failure = chatDialects[upstream].decodeFailure(code, new Headers(told), parseJson(text));
        const error = errorOfFailure(failure);
        expect(error.message).not.toBe("");
        expect(error.status).toSatisfy((one: number) => Number.isInteger(one) && one >= 400 && one < 600);
        const { retryAfter } = error;
        if (retryAfter !== null) expect(String(retryAfter)).toMatch(/^\d+$/);
      }),
      { seed, numRuns: RUNS * 3 },
    );
  });
});
