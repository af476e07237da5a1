import { afterAll, beforeAll, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../local/simulator/server.ts";
import { ask } from "./setup.ts";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    port: 0,
    pace: 0,
    misbehaviour: (body) => (body.includes("fail") ? "+status-503" : ""),
  });
});
afterAll(() => simulator?.close());

test("a request misbehaves by its body, under its model's own name", async () => {
  const messages = [{ role: "user", content: "fail" }];
  expect((await ask(simulator.url, "openai", "gpt-6.1-sol", { body: { messages } })).status).toBe(503);
  const books = await (await fetch(`${simulator.url}/_simulator/requests`)).json();
  expect(books).toMatchObject({ data: [{ model: "gpt-6.1-sol", status: 503 }] });
});

test("others do as their model's name says", async () => {
  expect((await ask(simulator.url, "openai", "gpt-6.1-sol")).status).toBe(200);
  expect((await ask(simulator.url, "openai", "gpt-6.1-sol+status-429")).status).toBe(429);
});
