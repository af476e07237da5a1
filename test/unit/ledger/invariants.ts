import type { LimitRecord } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import { windowsAt } from "./calendar.ts";
import { addSums, rollupName, type Sums, sumsOf } from "./fake-postgres.ts";
import { isCalendar, type Modelled, needOf, type PlainLedger, unitsOf, windowOf } from "./plain-ledger.ts";
import type { JournalRow, Observation } from "./subject.ts";
import { CHILDREN, lineOf, zoneOf } from "./tree.ts";

const NOTHING: Sums = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };
const METRICS = ["requests", "inputTokens", "outputTokens", "costNano"] as const;
/** How many windows of a kind are kept at least. */
const KEPT_WINDOWS = 3;

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

const places = new Map<string, string[]>();

/** Where a request is counted: every node of its line, in each of its windows. */
function placesOf(line: readonly string[], startedAt: number): string[] {
  const of = `${line} ${startedAt}`;
  const known = places.get(of);
  if (known !== undefined) return known;
  if (places.size > 50_000) places.clear();
  const all = line.flatMap((node) =>
    Object.values(windowsAt(startedAt, zoneOf(node))).map((window) => `${node} ${window}`),
  );
  places.set(of, all);
  return all;
}

/** True where so many later windows of the kind are known that this one may have been forgotten. */
function isForgettable(place: string, known: Iterable<string>): boolean {
  const kind = place.slice(0, place.indexOf("/") + 1);
  if (kind === "") return false;
  let later = 0;
  for (const other of known) if (other.startsWith(kind) && other > place) later++;
  return later >= KEPT_WINDOWS;
}

function samePlaces(what: string, field: "held" | "settled", seen: Observation, expected: Map<string, Sums>): void {
  const { counters } = seen;
  for (const [place, counter] of Object.entries(counters)) sameSums(what, place, counter[field], expected.get(place));
  for (const [place, sums] of expected) {
    if (counters[place] === undefined && !isForgettable(place, Object.keys(counters)))
      sameSums(what, place, NOTHING, sums);
  }
}

/**
 * The invariants that must hold between any two commands.
 * @param parsed events by the text they were read from, so that a row is parsed once in a run
 */
export function checkInvariants(events: readonly Modelled[], seen: Observation, parsed: Map<string, UsageEvent>): void {
  const { stored } = seen;
  const held = new Map<string, Sums>();
  const settled = new Map<string, Sums>();
  const lines = new Map<string, readonly string[]>();
  for (const { eventId, state, line, startedAt, bound, charged } of events) {
    lines.set(eventId, line);
    const [into, sums] = state === "open" ? [held, { requests: 1, ...bound }] : [settled, charged];
    for (const place of placesOf(line, startedAt)) addSums(into, place, sums);
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
    for (const place of placesOf(lines.get(event.eventId) ?? [], event.startedAt))
      addSums(counted, place, sumsOf(event));
  }
  samePlaces("B2 held of", "held", seen, held);
  samePlaces("B3 settled of", "settled", seen, settled);
  samePlaces("B6, E5 events of", "settled", seen, counted);
  if (events.every(({ keyId, line }) => `${line}` === `${lineOf(keyId)}`)) checkParts(seen);
  const handles = new Set(events.map(({ handle }) => handle));
  for (const seq of rows) if (!handles.has(seq)) throw new Error(`B8 row ${seq} is of no admitted request`);

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

/**
 * B5: an organization has what those directly below it have, in every window that begins for all of them at once, as long as
 * nothing has been moved.
 */
function checkParts({ counters }: Observation): void {
  for (const [place, { settled, held }] of Object.entries(counters)) {
    const [node, window] = place.split(" ") as [string, string];
    const children = CHILDREN.find(([organization]) => organization === node)?.[1];
    if (children === undefined) continue;
    if (window !== "total" && !children.every((child) => zoneOf(child) === zoneOf(node))) continue;
    if (isForgettable(place, Object.keys(counters))) continue;
    const parts = new Map<string, Sums>();
    for (const child of children) {
      const counter = counters[`${child} ${window}`];
      if (counter === undefined) continue;
      addSums(parts, "settled", counter.settled);
      addSums(parts, "held", counter.held);
    }
    sameSums("B5 settled parts of", place, parts.get("settled"), settled);
    sameSums("B5 held parts of", place, parts.get("held"), held);
  }
}

/**
 * B1 under constant limits: no more is settled than the amount, and what requests used beyond their bounds.
 * @param since how many events there were when each limit last changed, by its id
 */
export function checkSpent(model: PlainLedger, since: ReadonlyMap<string, number>): void {
  const { events, configuration } = model;
  for (const limit of configuration.limits) {
    if (limit.mode !== "block" || limit.override !== null || !isCalendar(limit)) continue;
    const begun = since.get(limit.id) ?? 0;
    for (const [window, inside] of Map.groupBy(events.entries(), ([, event]) => windowOf(limit, event.startedAt))) {
      const own = inside.filter(([, { line }]) => line.includes(limit.nodeId));
      if (own.some(([index]) => index < begun)) continue;
      let [settled, excess] = [0, 0];
      for (const [, { state, charged, bound }] of own) {
        if (state === "open") continue;
        settled += unitsOf(limit, charged);
        excess += Math.max(0, unitsOf(limit, charged) - needOf(limit, bound));
      }
      if (settled > limit.amount + excess) throw new Error(`B1 ${settled} of ${limit.amount} spent in ${window}`);
    }
  }
}

/** How the Ledger tells its limits to stand is how they do. */
export function checkStandings(model: PlainLedger, seen: Observation, now: number): void {
  const names = (limits: readonly LimitRecord[]) => limits.map(({ id }) => id).sort();
  if (seen.health.configVersion === null) return;
  same("limits", names(seen.limits.map(({ limit }) => limit)), names(model.configuration.limits));
  for (const { limit, amount, settled, held, startedAt, resetsAt } of seen.limits) {
    const figure =
      limit.window === "now" ? { ...model.figure(limit, now, now), settled: 0 } : model.figure(limit, now, now);
    same(`standing of ${limit.nodeId} ${limit.metric} ${limit.window}`, { amount, settled, held }, figure);
    if (startedAt === null || resetsAt === null || limit.window === "total") continue;
    const inside = [startedAt - 1, startedAt, resetsAt - 1, resetsAt].map((at) => windowOf(limit, at));
    const current = windowOf(limit, now);
    same(
      "edges of a window",
      inside.map((window) => window === current),
      [false, true, true, false],
    );
  }
}

/** Told is what must be, and nothing else; of a window that has been forgotten a late correction may tell nothing. */
export function checkNotices({ notices }: PlainLedger, { notices: told, counters }: Observation): void {
  if (told === null) return;
  const expected = [...notices].filter(([name, place]) => told.includes(name) || counters[place] !== undefined);
  same("notices", told.toSorted(), expected.map(([name]) => name).sort());
}
