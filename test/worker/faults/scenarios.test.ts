import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { directivesIn, Injector, type Played } from "./injector.ts";
import { LISTENERS } from "./listeners.ts";
import { PAIRS } from "./pairs.ts";

/**
 * Providers that answer with what is no answer, or with figures that are none, in every client's dialect. Silence, resets
 * and what else happens in the middle of a stream: `injector.test.ts`. Clients that leave or hardly read:
 * `test/worker/relay`.
 */

let gateway: Gateway;
let injector: Injector;
/** Where redirects point: another host, which must never be asked anything. */
let canary: Server;
let seenByCanary = 0;
const directives = new Map<string, string>();
beforeAll(async () => {
  canary = createServer((_, response) => {
    seenByCanary += 1;
    response.end("{}");
  });
  await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
  gateway = await startGateway({ misbehaviour: directivesIn(directives) });
  injector = new Injector(gateway, directives);
});
afterAll(async () => {
  await gateway?.stop();
  canary?.close();
});

const location = () => encodeURIComponent(`http://localhost:${(canary.address() as AddressInfo).port}/v1/stolen`);

/** The scenarios by what the provider does; each is told as a directive. */
const REFUSED: Record<string, () => string> = {
  "a web page": () => "html",
  "a redirect to another host": () => `redirect-302+location-${location()}`,
  "a redirect that keeps the request's body": () => `redirect-307+location-${location()}`,
};
const UNCOUNTED = ["no-usage", "negative-usage", "huge-usage"];

describe.each(PAIRS)("$listener of $model", (pair) => {
  const played = new Map<string, Played>();
  beforeAll(async () => {
    const kinds = [...Object.keys(REFUSED), ...UNCOUNTED, "empty"];
    const faults = kinds.map((kind) => ({ shape: "a text" as const, kind: REFUSED[kind]?.() ?? kind, at: null }));
    for (const [index, one] of (await injector.play(pair, faults)).entries()) played.set(kinds[index] ?? "", one);
  });
  const outcome = (kind: string): Played => played.get(kind) as Played;

  test.each(Object.keys(REFUSED))("%s is a failure with 502", (kind) => {
    const { heard, row } = outcome(kind);
    expect(heard).toMatchObject({ text: "", finish: null, error: { status: 502 } });
    expect(LISTENERS[pair.listener].isTyped(heard.error)).toBe(true);
    expect(row).toMatchObject({ outcome: "provider_error", exact: false, output: 0 });
    expect(seenByCanary).toBe(0);
  });

  test("an answer of nothing is none", () => {
    const { heard, row } = outcome("empty");
    expect(heard).toMatchObject({ text: "", finish: null });
    expect(LISTENERS[pair.listener].isTyped(heard.error)).toBe(true);
    expect(row).toMatchObject({ outcome: pair.relayed ? "stream_error" : "provider_error", exact: false, output: 0 });
  });

  test.each(UNCOUNTED)("%s: the whole answer, counted by us", (directive) => {
    const { heard, row, entry } = outcome(directive);
    // Anthropic's helper wants figures, whoever leaves them out; the bytes are the provider's.
    const needsFigures = pair.relayed && pair.listener === "messages" && directive === "no-usage";
    if (needsFigures) expect(LISTENERS[pair.listener].isTyped(heard.error)).toBe(true);
    else expect(heard).toMatchObject({ text: "One two three four five six seven.", error: null });
    expect(row).toMatchObject({ outcome: "ok", exact: false, cacheRead: 0, cacheWrite: 0, reasoning: 0 });
    // A token for every four bytes is the simulator's own count.
    expect(row.output).toBe(entry.tokens?.output);
    expect(row.inputUncached).toBeGreaterThanOrEqual(entry.tokens?.inputUncached ?? 0);
    expect(row.inputUncached).toBeLessThan(200);
  });
});
