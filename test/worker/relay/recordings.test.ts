import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type Exchange, loadRecordings } from "../../support/exchanges.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { checkRelay } from "../../support/relay-checks.ts";
import { type Replay, replayBindings, startReplay } from "../../support/replay.ts";

/**
 * Real provider traffic through the relay, when a folder of it is at hand (`RECORDINGS`, an absolute path; its layout is
 * read by test/support/exchanges.ts). Without one, the fixtures of the neighbouring test prove the same.
 */
const directory = process.env.RECORDINGS ?? "";
const present = existsSync(join(directory, "index.json")) && directory !== "";
const exchanges: Exchange[] = present ? loadRecordings(directory) : [];

describe.runIf(present).each([
  ["in one piece", false],
  ["cut anywhere", true],
])("recorded exchanges, %s", (_, cut) => {
  let gateway: Gateway;
  let replay: Replay;
  beforeAll(async () => {
    replay = await startReplay(exchanges, { cut });
    gateway = await startGateway({ bindings: replayBindings(replay.url) });
  });
  afterAll(async () => {
    await gateway?.stop();
    await replay?.close();
  });

  test.concurrent.each(exchanges.map((exchange, index) => [exchange.name, exchange, index] as const))(
    "%s",
    async (_name, exchange, index) => checkRelay(gateway, replay, exchange, index),
  );
});
