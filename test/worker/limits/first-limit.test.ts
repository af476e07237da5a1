import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookEntry } from "../../../local/simulator/books.ts";
import { type Gateway, requestRow, startGateway } from "../../support/gateway.ts";
import { Visit } from "../sdk/visit.ts";

/**
 * The first limit above a key that isolates know as one without any: its requests are sent while the Ledger is asked. Whatever
 * the Ledger says holds at once.
 */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

async function admin<T>(path: string, body: object): Promise<T> {
  const response = await fetch(`${gateway.url}/api/${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status, await response.clone().text()).toBe(201);
  return (await response.json()) as T;
}

const ask = (visit: Visit, apiKey: string, more: object = {}) =>
  visit.openai({ apiKey }).chat.completions.create({
    ...{ model: "openai/gpt-4.1+headers-after-500", messages: [{ role: "user", content: visit.marker }] },
    ...more,
  });

/**
 * The caps of the answers the provider gave to their end. A call that was given up may not even have reached it; one that
 * did was not answered to its end.
 */
async function allEnded(visit: Visit, finished: number): Promise<(number | undefined)[]> {
  const query = new URLSearchParams({ contains: visit.marker, ended: "true" });
  const response = await fetch(`${gateway.simulator.url}/_simulator/requests?${query}`);
  const { data } = (await response.json()) as { data: BookEntry[] };
  expect(data.every((entry) => entry.finished !== entry.clientGone)).toBe(true);
  const answered = data.filter((entry) => entry.finished).reverse();
  expect(answered).toHaveLength(finished);
  return answered.map(({ body }) => (body as { max_tokens?: number }).max_tokens);
}

test("a no ends the call that is under way, and nothing of it is told or counted", async () => {
  const { key, id } = await admin<{ key: string; id: string }>("keys", { name: "first" });
  const visit = new Visit(gateway);
  await ask(visit, key);
  await admin("limits", { key_id: id, metric: "requests", window: "total", amount: 1 });
  const refused = ask(visit, key);
  await expect(refused).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  expect(visit.seen[1]?.headers.get("x-gaia-limit")).toContain("reason=exhausted; remaining=0");
  await allEnded(visit, 1);
  // From then on the isolate asks first.
  await expect(ask(visit, key)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  await allEnded(visit, 1);
  expect(await requestRow(gateway, visit.seen[0]?.requestId as string)).toMatchObject({ outcome: "ok" });
  const rows = await gateway.database.sql`select count(*) as rows from usage_events where key_id = ${id}`;
  expect(Number(rows[0]?.rows)).toBe(1);
});

test("a yes with a lower cap sends the request again with it, and both are attempts", async () => {
  const { key, id } = await admin<{ key: string; id: string }>("keys", { name: "capped" });
  const visit = new Visit(gateway);
  await ask(visit, key);
  await admin("limits", { key_id: id, metric: "output_tokens", window: "total", amount: 5000 });
  await ask(visit, key, { max_tokens: 20_000 });
  expect(visit.seen[1]?.headers.get("x-gaia-attempts")).toBe("2");
  expect(visit.seen[1]?.headers.get("x-gaia-warnings")).toBe("output_cap_lowered@max_tokens");
  const [first, lowered] = await allEnded(visit, 2);
  expect(first).toBeUndefined();
  expect(lowered).toBeLessThanOrEqual(5000);
  const row = await requestRow(gateway, visit.seen[1]?.requestId as string);
  expect(row).toMatchObject({ outcome: "ok", attempts: 2 });
});
