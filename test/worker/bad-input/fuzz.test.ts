import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { ENDPOINTS, type Endpoint } from "./envelopes.ts";
import { send } from "./wire.ts";

/**
 * Requests that were good before something happened to their JSON: whatever it was, the gateway answers, in the endpoint's
 * own envelope if it says no, and never with a failure of its own.
 */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

const RUNS = 60;

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Step = string | number;

/** Every place in a JSON value, as a path to it. */
function placesOf(value: Json, path: Step[] = []): Step[][] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Array.isArray(value) ? value.map((one, index) => [index, one] as const) : Object.entries(value);
  return [path, ...inner.flatMap(([step, one]) => placesOf(one, [...path, step]))];
}

/** `value` with `change` applied at `path`; undefined removes the place. */
function changedAt(value: Json, path: Step[], change: (old: Json) => Json | undefined): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  if (Array.isArray(value)) {
    return value.flatMap((one, index) => {
      const next = index === step ? changedAt(one, rest, change) : one;
      return next === undefined ? [] : [next];
    });
  }
  const entries = Object.entries(value as Record<string, Json>).flatMap(([name, one]) => {
    const next = name === step ? changedAt(one, rest, change) : one;
    return next === undefined ? [] : [[name, next] as const];
  });
  return Object.fromEntries(entries);
}

const scalar = fc.oneof(
  fc.constantFrom<Json>(null, true, -1, 0, 0.5, 1e308, -0, "", "5", "\u0000", "\ud800", "__proto__", [], {}, [[]]),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
) as fc.Arbitrary<Json>;
const anything = fc.oneof(scalar, fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>);
/** Names that some part of the gateway reads, and others. */
const name = fc.oneof(
  fc.constantFrom(..."model stream stream_options messages input contents user metadata n tools max_tokens".split(" ")),
  fc.constantFrom("generationConfig", "requests", "prompt_cache_key", "__proto__", "constructor", "include_usage"),
  fc.string({ maxLength: 8 }),
);

type Change = (body: Json, pick: number) => Json | undefined;
const change: fc.Arbitrary<Change> = fc.oneof(
  anything.map<Change>((value) => (body, pick) => {
    const places = placesOf(body);
    return changedAt(body, places[pick % places.length] ?? [], () => value);
  }),
  fc.constant<Change>((body, pick) => {
    const places = placesOf(body).slice(1);
    return places.length === 0 ? body : changedAt(body, places[pick % places.length] ?? [], () => undefined);
  }),
  fc.tuple(name, anything).map<Change>(([key, value]) => (body, pick) => {
    const places = placesOf(body);
    return changedAt(body, places[pick % places.length] ?? [], (old) =>
      typeof old === "object" && old !== null && !Array.isArray(old) ? { ...old, [key]: value } : [old, value],
    );
  }),
);

/** What happens to the text afterwards, now and then: a cut, a byte that flips, a piece that comes twice. */
const damage = fc.option(fc.record({ kind: fc.nat(2), at: fc.nat(), byte: fc.integer({ min: 1, max: 255 }) }), {
  freq: 3,
});

function damaged(text: string, how: { kind: number; at: number; byte: number } | null): Buffer {
  const bytes = Buffer.from(text);
  if (how === null || bytes.length === 0) return bytes;
  const at = how.at % bytes.length;
  if (how.kind === 0) return bytes.subarray(0, at);
  if (how.kind === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at >> 1)]);
  bytes[at] = (bytes[at] ?? 0) ^ how.byte;
  return bytes;
}

const ENVELOPES = {
  openai: { error: { message: expect.any(String), type: expect.any(String) } },
  anthropic: { type: "error", error: { type: expect.any(String), message: expect.any(String) } },
  google: { error: { code: expect.any(Number), message: expect.any(String), status: expect.any(String) } },
};

/** A stream that is not SSE wraps its error in an array, the provider's own at least. */
const errorOf = (text: string): unknown => {
  const body = JSON.parse(text) as unknown;
  return Array.isArray(body) ? body[0] : body;
};

describe.each(ENDPOINTS)("$name", (endpoint: Endpoint & { model: string }) => {
  test.concurrent("answers whatever it is sent", async () => {
    const { path, body } = endpoint.withModel(endpoint.model);
    const asked = fc.record({ changes: fc.array(fc.tuple(change, fc.nat()), { minLength: 1, maxLength: 3 }), damage });
    await fc.assert(
      fc.asyncProperty(asked, async ({ changes, damage: how }) => {
        let changed: Json | undefined = body as Json;
        for (const [apply, pick] of changes) changed = changed === undefined ? undefined : apply(changed, pick);
        const answer = await send(gateway.url, {
          method: "POST",
          path,
          headers: ["content-type", "application/json", "x-api-key", gateway.apiKey],
          body: damaged(JSON.stringify(changed) ?? "", how),
        });
        expect(answer.headers["x-request-id"]).toEqual(expect.any(String));
        expect({ status: answer.status, text: answer.text }).toSatisfy(
          ({ status }: { status: number }) => status === 200 || (status >= 400 && status < 500),
        );
        if (answer.status !== 200) expect(errorOf(answer.text)).toMatchObject(ENVELOPES[endpoint.envelope]);
      }),
      { numRuns: RUNS },
    );
  });
});

test("none of it was a failure of the gateway's", () => {
  expect(gateway.output()).not.toMatch(/internal_error|"level":"error"/);
});
