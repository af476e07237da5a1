import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { BookEntry } from "../../../local/simulator/books.ts";
import { type DatabaseProcess, startDatabaseProcess } from "../../support/database-process.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { type Objects, objectsOf } from "../../support/ledger-weather.ts";
import { admin, type Status } from "./storm-tree.ts";

/** A gateway whose processes are killed, and a key below a budget whose requests go through it all. */
export interface KillWorld {
  gateway: Gateway;
  database: DatabaseProcess;
  teamId: string;
  keyId: string;
  apiKey: string;
  budgetId: string;
}

/** Short, so that what nobody settles is charged soon. */
const HOLD_SECONDS = "2";
const PROMPT = "Nobody may keep these words";

/** Milliseconds until an answer begins, and how slowly a stream goes on, by the pace in a prompt. */
const SLOW = "+headers-after-1000+pace-60+chunks-20";

/** An answer that costs most of what is held for it. */
const LONG = "+bytes-700";

/** Starts everything, with a database in a process of its own. */
export async function startKillWorld(): Promise<KillWorld> {
  const database = await startDatabaseProcess();
  const gateway = await startGateway({
    ...{ weather: true, database, bindings: { LEDGER_HOLD_SECONDS: HOLD_SECONDS } },
    misbehaviour: (body) => (body.includes("slowly") ? SLOW : LONG),
  });
  const post = <T>(path: string, body: object) => admin<T>(gateway, "POST", path, body);
  const { id: teamId } = await post<{ id: string }>("organizations", { name: "Team" });
  const { id: keyId, key: apiKey } = await post<{ id: string; key: string }>("keys", {
    name: "Killed",
    organization_id: teamId,
  });
  const budget = { organization_id: teamId, metric: "cost", window: "total", amount_usd: "5" };
  const { id: budgetId } = await post<{ id: string }>("limits", budget);
  return { gateway, database, teamId, keyId, apiKey, budgetId };
}

/** How one request ended for its client; `status` null: its connection broke before there was an answer. */
export interface Answer {
  status: number | null;
  whole: boolean;
}

let asked = 0;

/** Several requests at once, half of them streams. */
export interface Burst {
  session: string;
  answers: Promise<Answer[]>;
}

/** Sends them; the session is how their rows and the provider's books are found. */
export function burst({ gateway, apiKey }: KillWorld, count: number, slowly = false): Burst {
  const session = `burst-${++asked}`;
  const ask = async (nth: number): Promise<Answer> => {
    const answer: Answer = { status: null, whole: false };
    try {
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", "x-gaia-session": session },
        body: JSON.stringify({
          ...{ model: "openai/gpt-4.1", max_completion_tokens: 200, stream: nth % 2 === 0 },
          messages: [{ role: "user", content: `${PROMPT}, ${session} ${slowly ? "slowly" : ""}.` }],
        }),
      });
      answer.status = response.status;
      await response.text();
      answer.whole = true;
    } catch {
      // The gateway was killed.
    }
    return answer;
  };
  return { session, answers: Promise.all(Array.from({ length: count }, (_, nth) => ask(nth))) };
}

/** Waits until something holds, for so many seconds at most. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, seconds = 30): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error(`never came: ${what}`);
}

/** Waits until the objects say something of themselves. */
export async function untilObjects({ gateway }: KillWorld, what: string, holds: (objects: Objects) => boolean) {
  let last: Objects | undefined;
  try {
    await until(what, async () => {
      last = await objectsOf(gateway);
      return holds(last);
    });
  } catch (error) {
    throw new Error(`${what}: the objects said last ${JSON.stringify(last)}`, { cause: error });
  }
}

/** The calls of a burst that have reached the provider. */
export async function callsOf({ gateway }: KillWorld, { session }: Burst): Promise<BookEntry[]> {
  const query = new URLSearchParams({ contains: `${session} `, limit: "1000" });
  const response = await fetch(`${gateway.simulator.url}/_simulator/requests?${query}`);
  return ((await response.json()) as { data: BookEntry[] }).data;
}

/** The rows of a burst. */
export async function rowsOf({ database }: KillWorld, { session }: Burst) {
  const rows = await database.sql`
    select event_id, rev, outcome, exact, cost_nano, held_nano from usage_events where session_id = ${session}`;
  return rows as {
    event_id: string;
    rev: number;
    outcome: string;
    exact: boolean;
    cost_nano: string;
    held_nano: string;
  }[];
}

const isAtRest = ({ ledger, shards }: Objects) =>
  [ledger, ...Object.values(shards)].every(({ open, waiting }) => open === 0 && waiting === 0);

/** How the budget stands. */
async function budgetOf({ gateway, keyId, budgetId }: KillWorld): Promise<Status> {
  const { data } = await admin<{ data: Status[] }>(gateway, "GET", `limits/status?key=${keyId}`);
  return data.find(({ limit_id }) => limit_id === budgetId) as Status;
}

/**
 * Waits until nothing is open or on its way, and holds all books against each other: Ledger, events and hourly sums agree,
 * the budget has counted what the rows say and holds nothing, and no row keeps a word of a prompt.
 */
export async function expectEverythingAddsUp(world: KillWorld): Promise<void> {
  const { gateway, database, teamId } = world;
  await untilObjects(world, "rest", isAtRest);
  // A changed tree calls back what shards have borrowed, which ends by itself within half a minute.
  await admin(gateway, "PATCH", `organizations/${teamId}`, { name: `Team after ${asked} bursts` });
  const sums = async () => {
    const [row] = await database.sql`
      select sum(cost_nano) as cost, count(*) filter (where usage_events::text like ${`%${PROMPT}%`}) as kept
      from usage_events where organization_id = ${teamId}`;
    return { cost: Number(row?.cost), kept: Number(row?.kept) };
  };
  const counted = async () => {
    const { settled, held } = await budgetOf(world);
    return held === 0 && settled === (await sums()).cost;
  };
  // A shard whose reports were lost tells again within a minute.
  await until("the budget has counted the rows, and holds nothing", counted, 80);
  const found = await admin<{ outcome: string; differences: unknown[] }>(gateway, "POST", "reconciliations");
  expect(found).toMatchObject({ outcome: "agree", differences: [] });
  expect((await sums()).kept).toBe(0);
}
