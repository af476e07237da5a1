import { expect } from "vitest";
import type { BookEntry } from "../../../local/simulator/books.ts";
import type { Gateway } from "../../support/gateway.ts";
import { type Objects, objectsOf } from "../../support/ledger-weather.ts";
import { bookCost } from "../sdk/price-book.ts";
import { nameIn, type Outcome } from "./storm-clients.ts";
import { admin, type Status, statusesOf, type Tree } from "./storm-tree.ts";

/** The revisions of one request, summed. */
interface Event {
  id: string;
  key: string;
  session: string;
  outcome: string;
  model: string;
  status: number;
  attempts: number;
  exact: boolean;
  revisions: number;
  cost: number;
  held: number;
  output: number;
  /** All that was stored of it. */
  stored: string;
}

/** What a storm has left behind, in every book there is. */
export interface Aftermath {
  events: Event[];
  calls: Map<string, BookEntry[]>;
  objects: Objects;
}

/** Waits until nothing is open, on its way, or lent, and reads all books. */
export async function aftermath(gateway: Gateway): Promise<Aftermath> {
  const objects = await atRest(gateway);
  const rows = await gateway.database.sql`
    select event_id, key_id, session_id, upstream_model, provider, min(outcome) filter (where rev = 0) as outcome,
      min(status) filter (where rev = 0) as status, max(attempts) as attempts, bool_and(exact) as exact,
      count(*) as revisions, sum(cost_nano) as cost, sum(held_nano) as held, sum(output) as output,
      string_agg(usage_events::text, ' ') as stored
    from usage_events where root_id = ${gateway.rootId} group by 1, 2, 3, 4, 5`;
  const events = rows.map(
    (row): Event => ({
      id: row.event_id,
      key: row.key_id,
      session: row.session_id,
      outcome: row.outcome,
      model: `${row.provider}/${row.upstream_model}`,
      status: row.status,
      attempts: row.attempts,
      exact: row.exact,
      revisions: Number(row.revisions),
      cost: Number(row.cost),
      held: Number(row.held),
      output: Number(row.output),
      stored: row.stored,
    }),
  );
  return { events, calls: await callsOf(gateway), objects };
}

async function atRest(gateway: Gateway): Promise<Objects> {
  let objects = await objectsOf(gateway);
  for (let tries = 0; tries < 600; tries++) {
    const { ledger, shards } = objects;
    const all = [ledger, ...Object.values(shards)];
    const lent = Object.values(shards).some(({ leases }) => leases > 0);
    // A lease in which a request has expired may be corrected for a day, and is known so long.
    const ended = !lent || (await hasExpired(gateway));
    if (all.every(({ open, waiting }) => open === 0 && waiting === 0) && ended) return objects;
    await new Promise((resolve) => setTimeout(resolve, 100));
    objects = await objectsOf(gateway);
  }
  throw new Error(`it does not come to rest: ${JSON.stringify(objects)}`);
}

async function hasExpired({ database, rootId }: Gateway): Promise<boolean> {
  const rows = await database.sql`
    select 1 from usage_events where root_id = ${rootId} and outcome = 'expired' limit 1`;
  return rows.length > 0;
}

/** The provider's own records, by the name in the prompt. */
async function callsOf({ simulator }: Gateway): Promise<Map<string, BookEntry[]>> {
  const response = await fetch(`${simulator.url}/_simulator/requests?limit=5000`);
  const { data } = (await response.json()) as { data: BookEntry[] };
  const calls = new Map<string, BookEntry[]>();
  for (const entry of data.reverse()) {
    const name = nameIn(JSON.stringify(entry.body));
    calls.set(name, [...(calls.get(name) ?? []), entry]);
  }
  return calls;
}

const sum = (figures: Iterable<number>): number => [...figures].reduce((total, figure) => total + figure, 0);

/** The money: not a nano-dollar beyond the limit, and the same in limits, rows, hourly sums and Ledger. */
export async function expectMoneyAddsUp(gateway: Gateway, tree: Tree, { events }: Aftermath): Promise<number> {
  const statuses = await nothingHeld(gateway, tree);
  const budget = statuses.find(({ limit_id }) => limit_id === tree.budgetId);
  const settled = budget?.settled ?? Number.NaN;
  expect(settled).toBeLessThanOrEqual(budget?.amount ?? 0);
  expect(sum(events.map(({ cost }) => cost)), "the rows' sum is what the limit has counted").toBe(settled);
  const rollups = await gateway.database.sql`
    select key_id, sum(cost_nano) as cost, sum(requests) as requests from usage_rollups
    where root_id = ${gateway.rootId} group by key_id`;
  const byKey = rollups.map(({ key_id, cost, requests }) => [key_id, Number(cost), Number(requests)]);
  const ofRows = [...new Set(events.map(({ key }) => key))].map((key) => {
    const own = events.filter((event) => event.key === key);
    return [key, sum(own.map(({ cost }) => cost)), own.length];
  });
  expect(byKey.sort()).toEqual(ofRows.sort());
  const found = await admin<{ outcome: string; differences: unknown[] }>(gateway, "POST", "reconciliations");
  expect(found).toMatchObject({ outcome: "agree", differences: [] });
  return settled;
}

/** How all limits stand once none of them holds anything. */
async function nothingHeld(gateway: Gateway, { keys }: Tree): Promise<Status[]> {
  let statuses: Status[] = [];
  for (let tries = 0; tries < 600; tries++) {
    statuses = (await Promise.all(keys.map(({ id }) => statusesOf(gateway, id)))).flat();
    if (statuses.every(({ held }) => held === 0)) return statuses;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`something stays held: ${JSON.stringify(statuses)}`);
}

/** The requests: each that was admitted has one row and its calls, each that was refused has neither. */
export function expectEachCountedOnce(outcomes: readonly Outcome[], { events, calls }: Aftermath): void {
  const bySession = Map.groupBy(events, ({ session }) => session);
  const wrong: string[] = [];
  for (const { plan, status, headers, text } of outcomes) {
    const own = bySession.get(plan.name) ?? [];
    const called = calls.get(plan.name) ?? [];
    const say = (what: string) =>
      wrong.push(
        `${plan.name} ${plan.path} ${plan.model} ${plan.misbehaviour} ${plan.leaving}: ${what}; ${status} ${text.slice(0, 200)} ${JSON.stringify(own.map(({ stored, ...event }) => event))} calls ${called.length}`,
      );
    const [row] = own;
    if (own.length > 1) say("more than one row");
    if (called.length > 0 && row === undefined) say("called and not counted");
    if (status !== null && "x-gaia-limit" in headers) {
      const reason = /reason=(\w+)/.exec(String(headers["x-gaia-limit"]))?.[1];
      if (status !== 429 || !["exhausted", "held"].includes(reason ?? "")) say("refused for no good reason");
      if (row !== undefined || called.length > 0) say("refused, and counted or sent");
      if (!saysSo(plan.path, text, reason === "exhausted")) say("refused in the wrong words");
    } else if (status !== null) {
      if (row === undefined || row.id !== headers["x-request-id"]) say("answered and not counted under its id");
      if (status >= 500 && !plan.fails) say("a failure of the gateway's own");
    }
    if (row === undefined) continue;
    if (row.outcome === "client_gone" ? called.length > row.attempts : called.length !== row.attempts)
      say("other calls than counted");
    if (row.held > 0 && row.cost > row.held) say("beyond what was held");
    if (row.stored.includes("This is storm")) say("keeps the prompt");
    const entry = called.at(-1);
    const bill = entry === undefined ? 0 : bookCost(plan.model, entry);
    if (row.exact && row.status < 400 && row.cost !== bill) say(`costs ${row.cost}, billed ${bill}`);
  }
  expect(wrong).toEqual([]);
  expect(events.length).toBe(new Set(events.map(({ id }) => id)).size);
  expect(calls.get("?") ?? []).toEqual([]);
}

/** The error code as each dialect has it. */
function saysSo(path: string, text: string, lasting: boolean): boolean {
  const { error } = JSON.parse(text) as { error: { code?: unknown; type?: unknown; status?: unknown } };
  if (path.startsWith("/v1beta")) return error.status === "RESOURCE_EXHAUSTED";
  if (path === "/v1/messages") return error.type === "rate_limit_error";
  return error.code === (lasting ? "insufficient_quota" : "rate_limit_exceeded");
}
