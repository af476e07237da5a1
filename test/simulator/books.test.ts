import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { BookEntry } from "../../local/simulator/books.ts";
import { DIRECTIVES } from "../../local/simulator/directives.ts";
import { startSimulator } from "../../local/simulator/server.ts";
import { ask as askAt, useSimulator } from "./setup.ts";

const { ask, newest, url } = useSimulator();

const list = async (query: string): Promise<BookEntry[]> => {
  const response = await fetch(`${url()}/_simulator/requests?${query}`);
  return ((await response.json()) as { data: BookEntry[] }).data;
};

describe("the books", () => {
  test("name the request by the vendor's id and note what was sent, without keys", async () => {
    const response = await ask("openai", "m", { stream: true, headers: { authorization: "Bearer sk-secret" } });
    const sent = await response.text();
    const id = response.headers.get("x-request-id") ?? "";
    const entry = (await (await fetch(`${url()}/_simulator/requests/${id}?ended=true&wait=5000`)).json()) as BookEntry;
    expect(entry).toMatchObject({
      id,
      provider: "openai",
      method: "POST",
      path: "/openai/v1/chat/completions",
      model: "m",
      status: 200,
      streamed: true,
      finished: true,
      clientGone: false,
      bytesSent: Buffer.byteLength(sent),
      sentSha256: createHash("sha256").update(sent).digest("hex"),
      chunksSent: sent.split("\n\n").length - 1,
      body: { model: "m", messages: [{ role: "user", content: "hello there" }] },
    });
    expect(entry.headers.authorization).toBe("Bearer redacted");
    expect(JSON.stringify(entry)).not.toContain("sk-secret");
    expect(entry.outputTokensSent).toBe(entry.tokens?.output);
  });

  test("answer newest first, filtered and bounded, and wait for what is to come", async () => {
    for (const model of ["a", "b", "a"]) await (await ask("openai", model, { text: `to ${model}` })).text();
    await (await ask("anthropic", "a")).text();
    await list("count=4&wait=5000&ended=true");
    expect((await list("")).map((entry) => `${entry.provider} ${entry.model}`)).toEqual([
      "anthropic a",
      "openai a",
      "openai b",
      "openai a",
    ]);
    expect(await list("provider=openai&model=a")).toHaveLength(2);
    expect(await list("contains=to%20b")).toMatchObject([{ model: "b" }]);
    expect(await list("limit=1")).toHaveLength(1);
    const waiting = list("model=later&wait=5000");
    await (await ask("openai", "later")).text();
    expect(await waiting).toHaveLength(1);
    await fetch(`${url()}/_simulator/requests`, { method: "DELETE" });
    expect(await list("")).toEqual([]);
    expect((await fetch(`${url()}/_simulator/requests/none`)).status).toBe(404);
  });

  test("leave out what is not to be noted, and send it again as it was", async () => {
    const bodies = [];
    for (let count = 0; count < 2; count += 1)
      bodies.push(await (await ask("anthropic", "m+nobooks+chunks-5", { stream: true })).text());
    expect(bodies[0]).toContain("message_stop");
    expect(bodies[1]).toBe(bodies[0]);
    expect(await list("")).toEqual([]);
  });

  test("tell whose key came, and nobody the key itself", async () => {
    for (const key of ["simulated", "simulated-second", "sk-somebody"]) {
      await ask("openai", "m", { headers: { authorization: `Bearer ${key}` } });
      await ask("anthropic", "m", { headers: { "x-api-key": key } });
      await ask("google", "m", { headers: { "x-goog-api-key": key } });
    }
    await newest();
    const accounts = (await list("")).map((entry) => entry.account);
    expect(accounts.reverse()).toEqual(
      // The last is the beginning of SHA-256("sk-somebody").
      ["default", "second", "02e614e7"].flatMap((account) => [account, account, account]),
    );
    expect(await list("account=second&provider=google")).toHaveLength(1);
    expect(JSON.stringify(await list(""))).not.toMatch(/sk-somebody|simulated-second/);
  });

  test("each account has a prompt cache of its own", async () => {
    const text = "All work and no play makes a long prompt. ".repeat(200);
    const cached: unknown[] = [];
    for (const account of ["simulated", "simulated-second", "simulated"]) {
      await ask("openai", "gpt-6.1-sol", { text, headers: { authorization: `Bearer ${account}` } });
      cached.push((await newest()).tokens?.cacheRead);
    }
    expect(cached).toEqual([0, 0, expect.any(Number)]);
    expect(cached[2]).toBeGreaterThan(1024);
  });

  test("the same seed and requests give the same ids", async () => {
    const ids = [];
    for (let count = 0; count < 2; count += 1) {
      const simulator = await startSimulator({ port: 0, pace: 0, seed: "x" });
      const { id } = (await (await askAt(simulator.url, "anthropic", "m")).json()) as { id: string };
      ids.push(id);
      await simulator.close();
    }
    expect(ids[0]).toMatch(/^msg_01/);
    expect(ids[1]).toBe(ids[0]);
  });

  test("close() ends a silent stream", async () => {
    const simulator = await startSimulator({ port: 0, pace: 0 });
    const response = await askAt(simulator.url, "openai", "m+silence-1", { stream: true });
    await simulator.close();
    await expect(response.text()).rejects.toThrow();
  });

  test("pages of its own", async () => {
    expect(await (await fetch(`${url()}/health`)).json()).toEqual({ status: "ok" });
    expect(await (await fetch(url())).json()).toMatchObject({
      providers: ["/openai", "/anthropic", "/google", "/openrouter", "/compatible"],
    });
    expect((await fetch(`${url()}/nothing`)).status).toBe(404);
    expect((await newestAfter()).provider).toBe("google");
  });

  const newestAfter = async (): Promise<BookEntry> => {
    await (await ask("google", "m")).text();
    return newest();
  };

  test("every directive is in the documentation", () => {
    const page = readFileSync(new URL("../../docs/simulator.md", import.meta.url), "utf8");
    const missing = Object.keys(DIRECTIVES).filter(
      (name) => !page.includes(`\`${name}\``) && !page.includes(`\`${name}-`),
    );
    expect(missing).toEqual([]);
  });
});
