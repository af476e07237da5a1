import { afterAll, beforeAll, describe, test } from "vitest";
import { FIXTURES } from "../../fixtures/exchanges.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { checkRelay } from "../../support/relay-checks.ts";
import { type Replay, replayBindings, startReplay } from "../../support/replay.ts";

describe.each([
  ["in one piece", false],
  ["cut anywhere", true],
])("same dialect, byte for byte, answers %s", (_, cut) => {
  let gateway: Gateway;
  let replay: Replay;
  beforeAll(async () => {
    replay = await startReplay(FIXTURES, { cut });
    gateway = await startGateway({ bindings: replayBindings(replay.url) });
  });
  afterAll(async () => {
    await gateway?.stop();
    await replay?.close();
  });

  test.concurrent.each(FIXTURES.map((exchange, index) => [exchange.name, exchange, index] as const))(
    "%s",
    async (_name, exchange, index) => checkRelay(gateway, replay, exchange, index),
  );
});
