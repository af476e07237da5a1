import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { cronsOf, startCrons } from "../../local/stack/crons.ts";

const read = (path: string) => readFileSync(join(import.meta.dirname, "../..", path), "utf8");

afterEach(() => vi.useRealTimers());

it("the Worker knows its daily cron by the text that wrangler.toml has", () => {
  const crons = cronsOf(read("wrangler.toml"));
  const daily = /^const DAILY = "(.+)";$/m.exec(read("worker/index.ts"))?.[1];
  expect(crons).toHaveLength(2);
  expect(crons).toContain(daily);
});

it("on one machine the Worker is woken by the clock, in UTC, once soon after the start, and not after the stop", async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 26, 3, 15), toFake: ["setTimeout", "clearTimeout", "Date"] });
  const woken: string[] = [];
  const server = createServer((request, response) => {
    woken.push(new URL(request.url ?? "", "http://localhost").searchParams.get("cron") ?? "");
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = new AbortController();
  startCrons(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, ["17 3 * * *", "47 * * * *"], stop.signal);
  const until = async (hour: number, minute: number, count: number) => {
    await vi.advanceTimersByTimeAsync(Date.UTC(2026, 10, 26, hour, minute) - Date.now());
    await vi.waitUntil(() => woken.length >= count, { timeout: 5_000, interval: 1 });
    return woken.splice(0).sort();
  };
  const [daily, hourly] = ["17 3 * * *", "47 * * * *"];
  expect(await until(3, 16, 2)).toEqual([daily, hourly]);
  expect(await until(3, 18, 1)).toEqual([daily]);
  expect(await until(4, 48, 2)).toEqual([hourly, hourly]);
  stop.abort();
  await vi.advanceTimersByTimeAsync(86_400_000);
  expect(woken).toEqual([]);
  server.close();
});
