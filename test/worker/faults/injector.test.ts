import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { directivesIn, type Fault, Injector, type Played, SHAPES, type Shape } from "./injector.ts";
import { PAIRS } from "./pairs.ts";
import { wrongWith } from "./verdict.ts";

/**
 * Every client's dialect with every provider's, and an answer that goes wrong at each of its events: it is cut off,
 * stalls, is spoilt or fails. The client's SDK ends with the whole answer or with an error of its own, at once, and what
 * was counted is what the provider counts.
 */

/** Impatient, for what falls silent. */
const IDLE = "1000";

/** What takes its time comes first, so that nothing is left to wait for at the end. */
const KINDS = ["silence", "cut", "reset", "eof", "malformed", "bad-utf8", "error"];
const SHAPE_NAMES = Object.keys(SHAPES) as Shape[];

let gateway: Gateway;
let injector: Injector;
const directives = new Map<string, string>();
beforeAll(async () => {
  const bindings = { UPSTREAM_IDLE_TIMEOUT_MS: IDLE };
  gateway = await startGateway({ bindings, misbehaviour: directivesIn(directives) });
  injector = new Injector(gateway, directives);
});
afterAll(() => gateway?.stop());

describe.each(PAIRS)("$listener of $model", (pair) => {
  let healthy: Played[];
  beforeAll(async () => {
    healthy = await injector.play(
      pair,
      SHAPE_NAMES.map((shape) => ({ shape, kind: "", at: null })),
    );
  });

  test("a healthy answer is whole, and exactly metered", () => {
    for (const played of healthy) {
      expect(played.heard).toMatchObject({
        text: expect.stringMatching(/\.$/),
        error: null,
        finish: expect.any(String),
      });
      expect(played.heard.calls).toHaveLength(played.shape === "a text" ? 0 : 1);
      expect(played.row).toMatchObject({ exact: true, outcome: "ok" });
      expect(wrongWith(pair, played, played)).toEqual([]);
    }
  });

  test("whatever goes wrong at whichever event", async () => {
    const faults = healthy.flatMap(({ shape, entry }) =>
      KINDS.flatMap((kind): Fault[] => Array.from({ length: entry.chunksSent + 1 }, (_, at) => ({ shape, kind, at }))),
    );
    const played = await injector.play(pair, faults);
    expect(played.length).toBeGreaterThan(50);
    const wrong = played.flatMap((one) => {
      const beside = healthy.find(({ shape }) => shape === one.shape) as Played;
      return wrongWith(pair, one, beside);
    });
    expect(wrong).toEqual([]);
  });
});
