import { eq } from "drizzle-orm";
import type { Database } from "../../drizzle/client.ts";
import { apiKeys, organizations } from "../../drizzle/schema/index.ts";
import { forRoot } from "../../drizzle/tenant.ts";
import type { Comparison, Difference } from "./compare-pieces.ts";
import { loadEventSums } from "./event-sums.ts";
import { type Boundary, type KeySums, loadSums, type NodeSums, rollUp, type Sums, TOTAL } from "./sums.ts";
import { windowBounds } from "./windows.ts";

/** A Ledger, in the part that is compared. */
export interface ComparedLedger {
  /** What it has counted, and how much of it Postgres may not have yet. */
  sums(): Promise<{ unsettled: number; nodes: readonly NodeSums[] }>;
}

const FIGURES = ["requests", "input_tokens", "output_tokens", "cost_nano"] as const;

/** A tenant's tree, as far as sums need it. */
interface Tree {
  pathOf(organizationId: string): string[];
  /**
   * Milliseconds since the epoch before which a node's requests may have been counted elsewhere, since it won or lost a branch
   * by a move: Ledgers go on from what was counted, while the tree that sums are made by is today's. Null: there was no move.
   */
  regroupedAt(nodeId: string): number | null;
  /** Of a key: its organization's. */
  timeZoneOf(nodeId: string): string;
}

/**
 * Holds a Ledger's counters against Postgres: windows that begin from `since` on (null: all) against the events, earlier ones against
 * sums, and the total against the hourly sums. Null when they cannot be compared now: requests were open or on their way, or the
 * Ledger counted meanwhile.
 */
export async function compareLedger(
  database: Database,
  ledger: ComparedLedger,
  rootId: string,
  since: Date | null,
): Promise<Comparison | null> {
  const before = await ledger.sums();
  if (before.unsettled > 0) return null;
  const tree = await readTree(database, rootId);
  const windows = windowsOf(before.nodes, tree);
  const boundaries = [...windows.values()].flat();
  const booked = rollUp(await readBooks(database, rootId, boundaries, since), tree.pathOf);
  const after = await ledger.sums();
  // Postgres was read in between: equal sums on both sides are the sums of that moment.
  if (after.unsettled > 0 || JSON.stringify(after.nodes) !== JSON.stringify(before.nodes)) return null;
  const comparable = (node: NodeSums, from: number | null): boolean => {
    const moved = tree.regroupedAt(node.nodeId);
    return moved === null || (from !== null && from > moved + MOVE_SETTLES_MS);
  };
  return compare(before.nodes, booked, { boundsOf: (node) => windows.get(windowName(node, tree)), comparable });
}

/** Sums of before `since` were held against their events by an earlier comparison, and a month of events may be too many to read hourly. */
async function readBooks(
  database: Database,
  rootId: string,
  boundaries: readonly Boundary[],
  since: Date | null,
): Promise<KeySums[]> {
  const { recent = [], earlier = [] } = Object.groupBy(boundaries, ({ from }) =>
    since === null || from >= since ? "recent" : "earlier",
  );
  const ofEvents = await loadEventSums(database, rootId, recent);
  if (earlier.length === 0) return ofEvents;
  const ofSums = await loadSums(database, rootId, earlier);
  return [...ofEvents, ...ofSums.filter(({ window }) => window !== TOTAL)];
}

/** A Ledger that could not be told of a move learns it from its next drain; by then this has passed. */
const MOVE_SETTLES_MS = 3_600_000;

const windowName = ({ nodeId, window }: NodeSums, tree: Tree): string => `${window} ${tree.timeZoneOf(nodeId)}`;

/**
 * Where every calendar window that the Ledger counts begins and ends, by its name and time zone. One that has ended counts
 * until its end: what was charged since its beginning, less what was since its end.
 */
function windowsOf(nodes: readonly NodeSums[], tree: Tree): Map<string, [from: Boundary, until: Boundary]> {
  const windows = new Map<string, [Boundary, Boundary]>();
  for (const node of nodes) {
    const name = windowName(node, tree);
    const bounds = windows.has(name) ? null : windowBounds(node.window, tree.timeZoneOf(node.nodeId));
    if (bounds === null) continue;
    windows.set(name, [
      { window: `${name} from`, from: new Date(bounds.from) },
      { window: `${name} until`, from: new Date(bounds.until) },
    ]);
  }
  return windows;
}

const NOTHING: Sums = [0, 0, 0, 0];

function compare(
  counted: readonly NodeSums[],
  booked: readonly NodeSums[],
  {
    boundsOf,
    comparable,
  }: {
    boundsOf(node: NodeSums): readonly [Boundary, Boundary] | undefined;
    /** Whether both sides count a node by the same tree, in a window that begins at a moment (null: since ever). */
    comparable(node: NodeSums, from: number | null): boolean;
  },
): Comparison {
  const sums = new Map(booked.map(({ window, nodeId, settled }) => [`${window} ${nodeId}`, settled]));
  const booksOf = (window: string, nodeId: string) => sums.get(`${window} ${nodeId}`) ?? NOTHING;
  const comparison: Comparison = { compared: 0, differences: [] };
  const totals = new Set<string>();
  for (const node of counted) {
    const { window, nodeId, settled } = node;
    const bounds = boundsOf(node);
    if (window === TOTAL) {
      totals.add(nodeId);
      if (comparable(node, null)) add(comparison, node, settled, booksOf(TOTAL, nodeId));
    } else if (bounds !== undefined && comparable(node, bounds[0].from.getTime())) {
      const [from, until] = bounds.map((boundary) => booksOf(boundary.window, nodeId)) as [Sums, Sums];
      add(comparison, node, settled, from.map((sum, index) => sum - (until[index] ?? 0)) as Sums);
    }
  }
  // What only Postgres knows was lost by the Ledger.
  for (const node of booked) {
    if (node.window === TOTAL && !totals.has(node.nodeId) && comparable(node, null))
      add(comparison, node, NOTHING, node.settled);
  }
  return comparison;
}

function add(comparison: Comparison, { nodeId, window }: NodeSums, counted: Sums, booked: Sums): void {
  for (const [index, figure] of FIGURES.entries()) {
    const [ledger = 0, events = 0] = [counted[index], booked[index]];
    comparison.compared++;
    if (ledger === events) continue;
    const difference: Difference = { books: "ledger", node_id: nodeId, window, figure };
    comparison.differences.push({ ...difference, events: String(events), ledger: String(ledger) });
  }
}

async function readTree(database: Database, rootId: string): Promise<Tree> {
  const [rows, keys] = await forRoot(database, rootId).batch([
    database
      .select({
        id: organizations.id,
        parentId: organizations.parentId,
        timeZone: organizations.timeZone,
        regroupedAt: organizations.regroupedAt,
      })
      .from(organizations)
      .where(eq(organizations.rootId, rootId)),
    database
      .select({ id: apiKeys.id, organizationId: apiKeys.organizationId })
      .from(apiKeys)
      .where(eq(apiKeys.rootId, rootId)),
  ]);
  const tree = new Map(rows.map((row) => [row.id, row]));
  const organizationOf = new Map(keys.map((key) => [key.id, key.organizationId]));
  return {
    pathOf(organizationId) {
      const path: string[] = [];
      for (let id: string | null = organizationId; id !== null; id = tree.get(id)?.parentId ?? null) path.push(id);
      return path;
    },
    regroupedAt: (nodeId) => tree.get(nodeId)?.regroupedAt?.getTime() ?? null,
    timeZoneOf: (nodeId) => tree.get(organizationOf.get(nodeId) ?? nodeId)?.timeZone ?? "UTC",
  };
}
