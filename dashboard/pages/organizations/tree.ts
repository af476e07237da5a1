import type { InferResponseType } from "hono/client";
import type { api } from "../../api/client.ts";

/** An organization as lists have it. */
export type OrganizationRow = InferResponseType<typeof api.organizations.$get>["data"][number];

/** A row of the tree as it is shown. */
export interface TreeRow<Node extends { id: string; parent_id: string | null; children: number }> {
  node: Node;
  /** 1: the highest that the reader sees. */
  level: number;
  /** Null: there is nothing below it. */
  open: boolean | null;
}

/**
 * The rows of a tree in the order in which they are read, each under its own: those below an open one that are known. What has no
 * known parent stands highest.
 */
export function flattenTree<Node extends { id: string; parent_id: string | null; children: number }>(
  nodes: readonly Node[],
  isOpen: (id: string) => boolean,
): TreeRow<Node>[] {
  const known = new Set(nodes.map(({ id }) => id));
  const below = Map.groupBy(nodes, ({ parent_id: parent }) => (parent !== null && known.has(parent) ? parent : null));
  const rows = (parent: string | null, level: number): TreeRow<Node>[] =>
    (below.get(parent) ?? []).flatMap((node) => {
      const open = node.children > 0 ? isOpen(node.id) : null;
      return [{ node, level, open }, ...(open ? rows(node.id, level + 1) : [])];
    });
  return rows(null, 1);
}

interface Drilled<Node extends { id: string; parent_id: string | null; children: number }> {
  /** The one that is shown with what is right below it. */
  rows: TreeRow<Node>[];
  /** From the highest down to the one above it. */
  above: Node[];
}

/**
 * What a narrow screen shows of the rows of a tree: the last opened that is among them, and what is right below it. None: the
 * highest.
 */
export function drillDown<Node extends { id: string; parent_id: string | null; children: number }>(
  rows: readonly TreeRow<Node>[],
  opened: readonly string[],
): Drilled<Node> {
  const byId = new Map(rows.map((row) => [row.node.id, row]));
  const at = opened.findLast((id) => byId.has(id)) ?? rows[0]?.node.id;
  const top = at === undefined ? undefined : byId.get(at);
  if (top === undefined) return { rows: [], above: [] };
  const above: Node[] = [];
  for (let up = byId.get(top.node.parent_id ?? ""); up !== undefined; up = byId.get(up.node.parent_id ?? ""))
    above.unshift(up.node);
  const below = rows.filter(({ node }) => node.parent_id === top.node.id);
  return { rows: [top, ...below.map((row) => ({ ...row, open: row.open === null ? null : false }))], above };
}
