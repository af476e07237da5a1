import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type { Bound } from "../../../worker/ledger/contract.ts";
import { addSums, rollupName, type Sums, sumsOf } from "./fake-postgres.ts";
import type { JournalRow, Observation } from "./subject.ts";
import { KEY_AT, KEYS, PATH_OF } from "./world.ts";

/** What the model knows of an admitted request. */
export interface Modelled {
  eventId: string;
  handle: number;
  keyId: string;
  bound: Bound;
  state: "open" | "settled" | "expired" | "corrected";
  deadline: number;
  expiredAt: number;
  /** What it has been charged so far. */
  charged: Sums;
}

const NOTHING: Sums = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };
const METRICS = ["requests", "inputTokens", "outputTokens", "costNano"] as const;
const NODES = [...KEYS, ...Object.values(KEY_AT)];

/** The keys and organizations directly below each organization. */
const CHILDREN: [organization: string, children: string[]][] = Object.values(KEY_AT).map((organization) => [
  organization,
  [
    ...KEYS.filter((key) => KEY_AT[key] === organization),
    ...Object.values(KEY_AT).filter((child) => (PATH_OF[child] as string[])[1] === organization),
  ],
]);

export function same(what: string, actual: unknown, expected: unknown): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: is ${left}, should be ${right}`);
}

function sameSums(what: string, of: string, actual: Sums = NOTHING, expected: Sums = NOTHING): void {
  if (METRICS.some((metric) => actual[metric] !== expected[metric])) same(`${what} ${of}`, actual, expected);
}

function eventOf(admission: string, text: string, rev: number, parsed: Map<string, UsageEvent>): UsageEvent {
  const known = parsed.get(text);
  if (known !== undefined && known.rev === rev && admission.includes(known.eventId)) return known;
  const { draft } = JSON.parse(admission) as { draft: UsageEvent };
  const event = { ...draft, ...(JSON.parse(text) as UsageEvent), rev };
  parsed.set(text, event);
  return event;
}

function eventsOfRow({ admission, result, correction }: JournalRow, parsed: Map<string, UsageEvent>): UsageEvent[] {
  const events: UsageEvent[] = [];
  if (result !== null) events.push(eventOf(admission, result, 0, parsed));
  if (correction !== null) events.push(eventOf(admission, correction, 1, parsed));
  return events;
}

const name = ({ eventId, rev }: UsageEvent): string => `${eventId}/${rev}`;

/**
 * The invariants that must hold between any two commands.
 * @param parsed events by the text they were read from, so that a row is parsed once in a run
 */
export function checkInvariants(events: readonly Modelled[], seen: Observation, parsed: Map<string, UsageEvent>): void {
  const { counters, stored } = seen;
  const held = new Map<string, Sums>();
  const settled = new Map<string, Sums>();
  for (const { state, keyId, bound, charged } of events) {
    const [into, sums] = state === "open" ? [held, { requests: 1, ...bound }] : [settled, charged];
    for (const node of [keyId, ...(PATH_OF[KEY_AT[keyId] as string] as string[])]) addSums(into, node, sums);
  }

  // Every event there is, wherever it stands: Postgres, the journal, or buried.
  const everywhere = new Map<string, UsageEvent>(stored);
  const rows = new Set<number>();
  for (const row of seen.journal) {
    rows.add(row.seq);
    for (const event of eventsOfRow(row, parsed)) everywhere.set(name(event), event);
  }
  for (const event of seen.dead) everywhere.set(name(event), event);
  const dead = new Set(seen.dead.map(({ eventId }) => eventId));

  const counted = new Map<string, Sums>();
  for (const event of everywhere.values()) {
    for (const node of [event.keyId, ...(PATH_OF[event.organizationId] as string[])]) {
      addSums(counted, node, sumsOf(event));
    }
  }
  for (const node of NODES) {
    sameSums("B2 held of", node, counters[node]?.held, held.get(node));
    sameSums("B3 settled of", node, counters[node]?.settled, settled.get(node));
    sameSums("B6, E5 events of", node, counted.get(node), counters[node]?.settled);
  }
  for (const [organization, children] of CHILDREN) {
    const parts = new Map<string, Sums>();
    for (const child of children) addSums(parts, organization, counters[child]?.settled ?? NOTHING);
    sameSums("B5 parts of", organization, parts.get(organization), counters[organization]?.settled);
  }

  const rollup = new Map<string, Sums>();
  for (const event of stored.values()) addSums(rollup, rollupName(event), sumsOf(event));
  same("E3 rollup rows", seen.rollup.size, rollup.size);
  for (const [row, sums] of rollup) sameSums("E3 rollup of", row, seen.rollup.get(row), sums);

  for (const { eventId, handle, state, charged } of events) {
    const revisions = [everywhere.get(`${eventId}/0`), everywhere.get(`${eventId}/1`)].filter((e) => e !== undefined);
    if (!rows.has(handle) && revisions.length === 0) throw new Error(`E1 ${eventId} is lost`);
    if (state === "open") continue;
    const cost = revisions.reduce((sum, { costNano }) => sum + costNano, 0);
    if (cost !== charged.costNano) same(`E2 cost of ${eventId}`, cost, charged.costNano);
    if (rows.has(handle) || dead.has(eventId)) continue;
    if (!revisions.every((event) => stored.has(name(event)))) throw new Error(`E4 ${eventId} was deleted too early`);
  }
  same("open", seen.health.open, events.filter(({ state }) => state === "open").length);
}
