import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, requestRow, startGateway } from "../../support/gateway.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterEach(() => {
  gateway.database.faults.mode = "ok";
});
afterAll(() => gateway?.stop());

const ask = () =>
  fetch(`${gateway.url}/v1/messages`, {
    method: "POST",
    headers: { "x-api-key": gateway.apiKey, "content-type": "application/json" },
    body: JSON.stringify({
      model: "anthropic/claude-opus-5",
      max_tokens: 64,
      messages: [{ role: "user", content: "hi" }],
    }),
  });

const simulated = async (): Promise<number> => {
  const response = await fetch(`${gateway.simulator.url}/_simulator/requests`);
  return ((await response.json()) as { data: unknown[] }).data.length;
};

describe("Postgres is away", () => {
  test("a tenant whose Ledger has its configuration is served, and its rows come when Postgres is back", async () => {
    expect((await ask()).status).toBe(200);
    gateway.database.faults.mode = "503";
    await gateway.restart({ cold: false });
    const response = await ask();
    expect(response.status).toBe(200);
    await response.body?.cancel();
    gateway.database.faults.mode = "ok";
    const row = await requestRow(gateway, response.headers.get("x-request-id") ?? "");
    expect(row).toMatchObject({ outcome: "ok", exact: true });
  });

  test("health tells of the database and stays with the Ledger's status", async () => {
    gateway.database.faults.mode = "503";
    const response = await fetch(`${gateway.url}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ checks: { ledger: { ok: true }, database: { ok: false } } });
  });

  test("a cold Ledger cannot know the key: 503 in the client's dialect, and nothing is sent", async () => {
    gateway.database.faults.mode = "503";
    await gateway.restart({ cold: true });
    const before = await simulated();
    const response = await ask();
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type: "overloaded_error", details: { error_code: "ledger_unavailable" } },
    });
    expect(await simulated()).toBe(before);

    gateway.database.faults.mode = "ok";
    expect((await ask()).status).toBe(200);
  });
});
