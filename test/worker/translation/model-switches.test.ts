import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { DIALECTS } from "../../support/translation-properties/plan.ts";
import { type RecordingProxy, startRecordingProxy } from "../../support/translation-properties/recording-proxy.ts";
import { seed } from "../../support/translation-properties/seed.ts";
import { converse, script } from "../../support/translation-properties/switches.ts";

/** Conversations with official SDKs through the router in workerd, each turn with another model. */

let gateway: Gateway;
let proxy: RecordingProxy;
beforeAll(async () => {
  proxy = await startRecordingProxy();
  gateway = await startGateway({ bindings: { SIMULATOR_URL: proxy.url } });
  proxy.target = gateway.simulator.url;
});
afterAll(async () => {
  await gateway?.stop();
  await proxy?.close();
});

const RUNS = 25;

describe.each(DIALECTS)("a conversation in %s", (dialect) => {
  test("goes on with any model, and no vendor sees what is not its own", async () => {
    await fc.assert(
      fc.asyncProperty(script, async (steps) => {
        const line = { url: gateway.url, key: gateway.apiKey, fetch };
        const { wrong } = await converse(dialect, steps, line, proxy.sent);
        expect(wrong).toEqual([]);
      }),
      { seed, numRuns: RUNS },
    );
  });
});

test("nothing of it was a failure of the gateway's", () => {
  expect(proxy.sent.length).toBeGreaterThan(RUNS * DIALECTS.length * 2);
  expect(gateway.output()).not.toMatch(/internal_error|"level":"error"/);
});
