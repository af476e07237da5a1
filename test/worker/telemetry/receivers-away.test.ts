import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../../local/stack/ports.ts";
import { type Gateway, requestRow, startGateway } from "../../support/gateway.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../../support/otlp-receiver.ts";

/** A receiver that is away costs requests nothing: they are answered, settled and recorded as ever. */

const start = async (endpoint: string): Promise<Gateway> =>
  startGateway({ bindings: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });

async function ask(gateway: Gateway, stream: boolean): Promise<{ id: string; text: string }> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "openai/gpt-4.1", stream, messages: [{ role: "user", content: "hi" }] }),
  });
  expect(response.status).toBe(200);
  return { id: response.headers.get("x-request-id") ?? "", text: await response.text() };
}

async function answeredAndRecorded(gateway: Gateway, stream: boolean): Promise<void> {
  const { id, text } = await ask(gateway, stream);
  expect(text).toContain(stream ? "data: [DONE]" : '"finish_reason"');
  expect(await requestRow(gateway, id)).toMatchObject({ outcome: "ok", status: 200, exact: true });
}

describe("a receiver that refuses connections", () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await start(`http://127.0.0.1:${await freePort()}`);
  });
  afterAll(() => gateway?.stop());

  test("is told of in the log, once, and requests are answered", async () => {
    for (const stream of [true, false, true, false]) await answeredAndRecorded(gateway, stream);
    const told = () =>
      gateway
        .output()
        .split("\n")
        .filter((line) => line.includes('"telemetry.dropped"'));
    while (told().length === 0) await new Promise((resolve) => setTimeout(resolve, 25));
    await answeredAndRecorded(gateway, true);
    expect(told().map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: "warn", signal: "traces", dropped: expect.any(Number) }),
    ]);
  });
});

describe("a receiver that never answers", () => {
  let receiver: OtlpReceiver;
  let gateway: Gateway;
  beforeAll(async () => {
    receiver = await startOtlpReceiver({ answers: false });
    gateway = await start(receiver.url);
  });
  afterAll(() => Promise.all([gateway?.stop(), receiver?.close()]));

  test("holds no answer back, and is not sent more until it has been given up", async () => {
    await ask(gateway, true);
    await receiver.until(() => (receiver.open() > 0 ? true : undefined));
    const waiting = receiver.exports.length;
    for (const stream of [true, false, true, false]) await ask(gateway, stream);
    // The very export that was open before them: all have ended while it hangs.
    expect(receiver.open()).toBe(waiting);
    expect(receiver.exports).toHaveLength(waiting);
    await answeredAndRecorded(gateway, true);
  });
});
