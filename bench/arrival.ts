import { parseArgs } from "node:util";
import { closing } from "./closing.ts";
import { sleep } from "./load.ts";
import { inMemory } from "./memory.ts";
import { table } from "./report.ts";
import { startStage } from "./stage.ts";
import { quantile } from "./statistics.ts";

/**
 * `npm run bench:arrival -- [--requests 400]`: from an answer's last byte at its client to the request's row in `GET /api/requests`, in
 * the whole stack, under a light load. docs/benchmarks-statistics.md says what is wanted.
 */
const { values } = parseArgs({ options: { requests: { type: "string", default: "400" } } });
const REQUESTS = Number(values.requests);
const AT_A_TIME = 4;
const BETWEEN_MS = 60;
const BETWEEN_LOOKS_MS = 20;
const LONGEST_MS = 30_000;

interface Ended {
  id: string;
  /** By `performance.now()`. */
  at: number;
  streamed: boolean;
}

const stage = await startStage({ above: inMemory() });
const close = closing(stage);
try {
  const ended: Ended[] = [];
  const seen = new Map<string, number>();
  let left = REQUESTS;

  const ask = async (streamed: boolean): Promise<void> => {
    const response = await fetch(`${stage.router.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${stage.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify({
        model: "openai/gpt-6-mini",
        stream: streamed,
        messages: [{ role: "user", content: "Hello" }],
      }),
    });
    await response.arrayBuffer();
    if (response.status !== 200) throw new Error(`the router answered ${response.status}`);
    ended.push({ id: response.headers.get("x-request-id") ?? "", at: performance.now(), streamed });
  };
  const client = async () => {
    while (left > 0) {
      const streamed = left-- % 2 === 0;
      await ask(streamed);
      await sleep(BETWEEN_MS * (0.5 + Math.random()));
    }
  };
  const look = async () => {
    const until = () => performance.now() - (ended.at(-1)?.at ?? performance.now()) < LONGEST_MS;
    while ((seen.size < REQUESTS || left > 0) && until()) {
      const response = await fetch(`${stage.router.url}/api/requests?limit=100`, {
        headers: { authorization: `Bearer ${stage.adminKey}` },
      });
      const { data } = (await response.json()) as { data: { id: string }[] };
      const at = performance.now();
      for (const { id } of data) if (!seen.has(id)) seen.set(id, at);
      await sleep(BETWEEN_LOOKS_MS);
    }
  };
  // The first request starts the Ledger.
  await ask(true);
  await sleep(2_000);
  ended.length = 0;
  await Promise.all([...Array.from({ length: AT_A_TIME }, client), look()]);

  const row = (title: string, of: readonly Ended[]): string[] => {
    const times = of.map(({ id, at }) => Math.max(0, (seen.get(id) ?? Number.POSITIVE_INFINITY) - at));
    const figures = [0.5, 0.95, 0.99, 1].map((part) => quantile(times, part).toFixed(0));
    return [title, String(of.length), ...figures];
  };
  const streamed = ended.filter((one) => one.streamed);
  const whole = ended.filter((one) => !one.streamed);
  console.log(
    table(
      ["from the last byte to the row, ms", "requests", "p50", "p95", "p99", "longest"],
      [row("streamed", streamed), row("in one piece", whole), row("all", ended)],
    ),
  );
} finally {
  await close();
}
