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
