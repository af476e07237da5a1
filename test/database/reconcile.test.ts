import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { apiKeys, organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { UsageEvent } from "../../worker/canonical/usage-event.ts";
import type { LogEntry } from "../../worker/lib/log.ts";
import { secureRandom } from "../../worker/lib/random.ts";
import type { ComparedLedger } from "../../worker/usage/compare-ledger.ts";
import { readPieces } from "../../worker/usage/compare-pieces.ts";
import { compareRollups } from "../../worker/usage/compare-rollups.ts";
import { listReconciliations, reconcile } from "../../worker/usage/reconcile.ts";
import { reconcileRoots } from "../../worker/usage/reconcile-roots.ts";
import { recordEvents } from "../../worker/usage/record.ts";
import type { NodeSums, Sums } from "../../worker/usage/sums.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { makePastPartition } from "../support/past-partition.ts";
import { usageEvent } from "../support/usage-event.ts";

const ROOT = "org_tenant00";
const TEAM = "org_team0000";
const ZONES: Record<string, string> = { [ROOT]: "UTC", [TEAM]: "Asia/Kolkata" };
const PATHS: Record<string, string[]> = { [ROOT]: [ROOT], [TEAM]: [TEAM, ROOT] };
const KEYS: Record<string, string> = { key_root: ROOT, key_team: TEAM };

let db: TestDatabase;
let entries: LogEntry[];
let slept: number;
beforeAll(async () => {
  db = await startTestDatabase();
  await makePastPartition(db);
  await forRoot(db.database, ROOT).batch([
    db.database.insert(organizations).values([
      { id: ROOT, rootId: ROOT, name: "Root" },
      { id: TEAM, rootId: ROOT, parentId: ROOT, name: "Team", timeZone: "Asia/Kolkata" },
    ]),
    db.database.insert(apiKeys).values(
      Object.entries(KEYS).map(([id, organizationId]) => ({
        ...{ id, rootId: ROOT, organizationId, name: id, mac: id, hint: "sk-gaia-1e", createdBy: "setup" },
        permissions: ["read" as const],
      })),
    ),
  ]);
});
afterAll(() => db?.close());
beforeEach(async () => {
  await db.sql`truncate usage_events, usage_rollups, usage_quarters, usage_day_totals, usage_days, usage_day_labels, usage_day_models, usage_hour_organizations, usage_hours, usage_hour_labels, usage_hour_requests, usage_sessions, reconciliations`;
  [entries, slept] = [[], 0];
});

/** Windows as a Ledger counts them, from the events themselves and by the host's own calendar. */
function ledgerOf(events: readonly UsageEvent[]): ComparedLedger & { unsettled: number[]; nodes: NodeSums[] } {
  const nodes = new Map<string, NodeSums>();
  for (const event of events) {
    for (const nodeId of [event.keyId, ...(PATHS[event.organizationId] ?? [])]) {
      const date = new Date(event.startedAt).toLocaleDateString("sv-SE", { timeZone: ZONES[KEYS[nodeId] ?? nodeId] });
      const monday = new Date(Date.parse(date) - ((new Date(date).getUTCDay() + 6) % 7) * 86_400_000);
      const week = `week/${monday.toISOString().slice(0, 10)}`;
      for (const window of ["total", `day/${date}`, week, `month/${date.slice(0, 7)}`]) {
        const node = nodes.get(window + nodeId) ?? { window, nodeId, settled: [0, 0, 0, 0] };
        const input = event.inputUncached + event.cacheRead + event.cacheWrite;
        const more: Sums = [event.rev === 0 ? 1 : 0, input, event.output, event.costNano];
        node.settled = node.settled.map((sum, index) => sum + (more[index] ?? 0)) as Sums;
        nodes.set(window + nodeId, node);
      }
    }
  }
  const ledger = {
    unsettled: [] as number[],
    nodes: [...nodes.values()],
    sums: async () => ({ unsettled: ledger.unsettled.shift() ?? 0, nodes: structuredClone(ledger.nodes) }),
  };
  return ledger;
}

const HOUR = 3_600_000;
const event = (hoursAgo: number, changes: Partial<UsageEvent> = {}) =>
  usageEvent({ startedAt: Date.now() - Math.round(hoursAgo * HOUR), keyId: "key_root", ...changes });

const ofTeam = { organizationId: TEAM, keyId: "key_team" };

/** Requests of two days, one of them corrected. */
function someEvents(): UsageEvent[] {
  const corrected = event(2, { ...ofTeam, status: 504, outcome: "expired", exact: false });
  return [
    ...[0, 1, 5, 9, 13, 17, 21, 25, 29, 33].map((hours) => event(hours, hours % 2 ? ofTeam : {})),
    corrected,
    { ...corrected, rev: 1, status: 200, outcome: "ok", inputUncached: -5, output: -7, costNano: -900 },
  ];
}

const setting = () => ({
  database: db.database,
  now: () => Date.now(),
  sleep: async (milliseconds: number) => {
    slept += milliseconds;
  },
  random: secureRandom,
  log: (entry: LogEntry) => entries.push(entry),
});
const run = (ledger: ComparedLedger, since: Date | null = null) =>
  reconcile(setting(), { rootId: ROOT, ledger, since });

describe("reconcile", () => {
  test("agrees where all three say the same, and keeps that", async () => {
    const events = someEvents();
    await recordEvents(db.database, ROOT, events);
    const found = await run(ledgerOf(events));
    expect(found).toMatchObject({ outcome: "agree", differences: [], rootId: ROOT });
    expect(found.compared).toBeGreaterThan(100);
    expect(entries).toEqual([]);
    expect(await listReconciliations(db.database, ROOT, { limit: 5 })).toEqual({ rows: [found], nextCursor: null });
  });

  test("agrees about a tenant without any request", async () => {
    expect(await run(ledgerOf([]))).toMatchObject({ outcome: "agree", compared: 0, differences: [] });
  });

  test.each<[string, string, { hoursAgo: number; missing: boolean }]>([
    ["a figure that is wrong", "update usage_rollups set cost_nano = cost_nano + 1", { hoursAgo: 1, missing: false }],
    ["a sum that is missing", "delete from usage_rollups", { hoursAgo: 1, missing: true }],
  ])("names %s in the hourly sums", async (_name, damage, { missing }) => {
    const events = [event(1, { costNano: 700 })];
    await recordEvents(db.database, ROOT, events);
    await db.sql.query(damage);
    const { outcome, differences } = await run(ledgerOf(events));
    expect(outcome).toBe("differ");
    const hour = new Date(Math.floor((events[0]?.startedAt ?? 0) / HOUR) * HOUR).toISOString().replace(".000Z", "Z");
    expect(differences).toContainEqual({
      ...{ books: "rollups", hour, organization_id: ROOT, key_id: "key_root", model: "gpt-6-mini" },
      ...{ provider: "openai", status_class: 2, figure: "cost_nano" },
      ...{ events: "700", rollups: missing ? "0" : "701" },
    });
    expect(entries).toMatchObject([{ level: "error", event: "reconciliation.differs", root_id: ROOT }]);
  });

  test("names a sum of no event, and looks no further back than it was asked to", async () => {
    const events = [event(1), event(60)];
    await recordEvents(db.database, ROOT, events);
    await db.sql`update usage_rollups set requests = 7 where hour < now() - interval '2 days'`;
    const since = new Date(Date.now() - 48 * HOUR);
    // The Ledger's total is held against the sums: that is how an old one that is wrong shows within an hour.
    expect((await run(ledgerOf(events), since)).differences).toMatchObject([
      { books: "ledger", window: "total", figure: "requests" },
      { books: "ledger", window: "total", figure: "requests" },
    ]);
    expect((await run(ledgerOf(events), null)).differences).toContainEqual(
      expect.objectContaining({ books: "rollups", figure: "requests", events: "1", rollups: "7" }),
    );
  });

  test("compares piece by piece what is too much for one statement, and leaves nothing out", async () => {
    await recordEvents(
      db.database,
      ROOT,
      [1, 30, 54, 78].map((hoursAgo) => event(hoursAgo)),
    );
    const compare = () => compareRollups(db.database, ROOT, null);
    const whole = await compare();
    expect(whole.differences).toEqual([]);
    // So many that each day is a piece.
    await db.sql`update usage_day_totals set requests = 150000`;
    expect(await readPieces(db.database, ROOT, null)).toHaveLength(4);
    expect(await compare()).toEqual(whole);
    await db.sql`update usage_rollups set output = output + 1`;
    const hours = (await compare()).differences.map(({ hour }) => hour);
    expect(hours).toEqual([...new Set(hours)].sort().reverse());
    expect(hours).toHaveLength(4);
    // Days that nobody has summed are pieces by themselves.
    await db.sql`delete from usage_day_totals`;
    await db.sql`insert into usage_horizons (root_id, summed_from) values (${ROOT}, (now() at time zone 'UTC')::date)`;
    expect((await readPieces(db.database, ROOT, null)).length).toBeGreaterThanOrEqual(3);
    expect((await compare()).differences).toHaveLength(4);
    await db.sql`delete from usage_horizons`;
  });

  test.each(["total", "day", "week", "month"])(
    "names the node whose %s the Ledger counts otherwise",
    async (window) => {
      const events = someEvents();
      await recordEvents(db.database, ROOT, events);
      const ledger = ledgerOf(events);
      const wrong = ledger.nodes.find((node) => node.nodeId === TEAM && node.window.startsWith(window));
      if (wrong === undefined) throw new Error("the Ledger counts no such window");
      const events_ = String(wrong.settled[3]);
      wrong.settled[3] += 2;
      const { outcome, differences } = await run(ledger);
      expect(outcome).toBe("differ");
      const ledger_ = String(wrong.settled[3]);
      expect(differences).toEqual([
        {
          ...{ books: "ledger", node_id: TEAM, window: wrong.window, figure: "cost_nano" },
          ...{ events: events_, ledger: ledger_ },
        },
      ]);
    },
  );

  test("does not compare what an organization counted before a move: the Ledger knows the tree of then", async () => {
    const events = someEvents();
    await recordEvents(db.database, ROOT, events);
    // The Ledger has a request more at the root than is below it now.
    const ledger = ledgerOf(events);
    for (const node of ledger.nodes) if (node.nodeId === ROOT) node.settled[0] += 1;
    const windows = new Set(ledger.nodes.filter(({ nodeId }) => nodeId === ROOT).map(({ window }) => window));
    const differing = async (regroupedAt: Date | null) => {
      await db.sql`update organizations set regrouped_at = ${regroupedAt?.toISOString() ?? null} where id = ${ROOT}`;
      return new Set((await run(ledger)).differences.map((one) => one.window));
    };
    try {
      expect(await differing(null)).toEqual(windows);
      expect(await differing(new Date())).toEqual(new Set());
      windows.delete("total");
      expect(await differing(new Date(Date.now() - 90 * 24 * HOUR))).toEqual(windows);
      // The move concerns the node that won or lost something, not those below it.
      const team = ledger.nodes.find(({ nodeId, window }) => nodeId === TEAM && window === "total");
      if (team !== undefined) team.settled[0] += 1;
      expect(await differing(new Date())).toEqual(new Set(["total"]));
    } finally {
      await db.sql`update organizations set regrouped_at = null`;
    }
  });

  test("of what only Postgres knows, leaves out what was counted elsewhere before a move", async () => {
    await recordEvents(db.database, ROOT, [event(1, ofTeam)]);
    const ledger = ledgerOf([event(1, ofTeam)]);
    ledger.nodes = ledger.nodes.filter(({ nodeId }) => nodeId !== ROOT);
    expect((await run(ledger)).outcome).toBe("differ");
    await db.sql`update organizations set regrouped_at = now() where id = ${ROOT}`;
    expect((await run(ledger)).outcome).toBe("agree");
    await db.sql`update organizations set regrouped_at = null`;
  });

  test("names what the Ledger has lost", async () => {
    const events = [event(1)];
    await recordEvents(db.database, ROOT, events);
    const { differences } = await run(ledgerOf([]));
    expect(differences).toContainEqual({
      ...{ books: "ledger", node_id: "key_root", window: "total", figure: "requests" },
      ...{ events: "1", ledger: "0" },
    });
  });

  test("waits for a Ledger that is not at rest, and compares it then", async () => {
    const events = someEvents();
    await recordEvents(db.database, ROOT, events);
    const ledger = ledgerOf(events);
    ledger.unsettled = [3, 0, 1];
    expect(await run(ledger)).toMatchObject({ outcome: "agree" });
    expect(slept).toBe(2000);
  });

  test("does not take what was counted meanwhile for a difference", async () => {
    const events = [event(1)];
    await recordEvents(db.database, ROOT, events);
    // A request that came, was settled and reached Postgres between the two looks at the Ledger, each time.
    const [early, late] = [ledgerOf([]), ledgerOf(events)];
    let asked = 0;
    const ledger = { sums: () => (asked++ % 2 === 0 ? early : late).sums() };
    expect(await run(ledger)).toMatchObject({ outcome: "skipped", differences: [] });
    expect(asked).toBe(8);
  });

  test("a difference must show twice: the Ledger is told of corrections when they are written", async () => {
    const events = [event(1)];
    await recordEvents(db.database, ROOT, events);
    const [early, late] = [ledgerOf([]), ledgerOf(events)];
    let asked = 0;
    const ledger = { sums: () => (asked++ < 2 ? early : late).sums() };
    expect(await run(ledger)).toMatchObject({ outcome: "agree" });
    expect(slept).toBe(1000);
  });

  test("a difference that shows once, of a Ledger that does not come to rest again, is told all the same", async () => {
    await recordEvents(db.database, ROOT, [event(1)]);
    const ledger = ledgerOf([]);
    ledger.unsettled = [0, 0, 1, 1, 1];
    expect(await run(ledger)).toMatchObject({ outcome: "differ" });
  });

  test("a difference lasts while both sides go on counting", async () => {
    const events = [event(1), event(0)];
    await recordEvents(db.database, ROOT, events.slice(0, 1));
    const [before, after] = [ledgerOf([]), ledgerOf(events.slice(1))];
    let asked = 0;
    const ledger: ComparedLedger = {
      async sums() {
        if (asked === 2) await recordEvents(db.database, ROOT, events.slice(1));
        return (asked++ < 2 ? before : after).sums();
      },
    };
    const { differences } = await run(ledger);
    expect(differences).toContainEqual({
      ...{ books: "ledger", node_id: "key_root", window: "total", figure: "requests" },
      ...{ events: "2", ledger: "1" },
    });
  });

  test.each<[string, ComparedLedger]>([
    ["never comes to rest", { sums: async () => ({ unsettled: 1, nodes: [] }) }],
    ["cannot be reached", { sums: () => Promise.reject(new Error("away")) }],
  ])("skips a Ledger that %s, and still compares the sums", async (_name, ledger) => {
    const events = [event(1)];
    await recordEvents(db.database, ROOT, events);
    expect(await run(ledger)).toMatchObject({ outcome: "skipped", differences: [] });
    await db.sql`update usage_rollups set output = 0`;
    expect(await run(ledger)).toMatchObject({ outcome: "differ", differences: [{ books: "rollups" }] });
  });

  test("keeps a hundred differences and tells how many there are", async () => {
    const events = Array.from({ length: 30 }, (_, index) => event(1, { keyId: `key_${index}` }));
    await recordEvents(db.database, ROOT, events);
    const found = await run(ledgerOf([]));
    expect(found.differences).toHaveLength(100);
    expect(entries).toMatchObject([{ differences: 124 }]);
  });

  test("is listed newest first, page by page", async () => {
    const made = [];
    for (let index = 0; index < 3; index++) {
      made.unshift((await run(ledgerOf([]))).id);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const first = await listReconciliations(db.database, ROOT, { limit: 2 });
    const second = await listReconciliations(db.database, ROOT, { limit: 2, cursor: first.nextCursor ?? "" });
    expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(made);
    expect(second.nextCursor).toBeNull();
    expect((await listReconciliations(db.database, "org_tenant01", { limit: 2 })).rows).toEqual([]);
  });
});

describe("reconcileRoots", () => {
  const outcomes = async () =>
    (await db.sql`select root_id, outcome from reconciliations order by root_id`).map((row) => [
      row.root_id,
      row.outcome,
    ]);

  test("compares each root that was used lately, by its own Ledger, whatever becomes of the others", async () => {
    for (const id of ["org_broken00", "org_other000", "org_old00000", "org_unused00"]) {
      await forRoot(db.database, id).batch([db.database.insert(organizations).values({ id, rootId: id, name: id })]);
    }
    const others = ["org_broken00", "org_other000"].map((rootId) => event(1, { rootId, organizationId: rootId }));
    await recordEvents(db.database, ROOT, [event(1)]);
    for (const other of others) await recordEvents(db.database, other.rootId, [other]);
    await recordEvents(db.database, "org_old00000", [event(72, { rootId: "org_old00000" })]);
    const asked: unknown[] = [];
    const roots = {
      ...setting(),
      ledger(rootId: string, hint: string | null): ComparedLedger {
        asked.push([rootId, hint]);
        if (rootId === "org_broken00") throw new Error("broken");
        return { sums: async () => ({ unsettled: 1, nodes: [] }) };
      },
    };
    await reconcileRoots(roots, { whole: false });
    expect(asked.toSorted()).toEqual([
      ["org_broken00", null],
      ["org_other000", null],
      [ROOT, "sk-gaia-1e"],
    ]);
    expect(await outcomes()).toEqual([
      ["org_other000", "skipped"],
      [ROOT, "skipped"],
    ]);
    expect(entries).toMatchObject([{ level: "error", event: "reconciliation.failed", root_id: "org_broken00" }]);

    asked.length = 0;
    await reconcileRoots(roots, { whole: true });
    expect(asked).toContainEqual(["org_old00000", null]);
  });
});
