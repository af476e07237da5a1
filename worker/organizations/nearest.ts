/**
 * Of rows that stand on the organizations of a path (ids, the lowest first), the nearest of each name, in the order of the
 * names: what holds for the path's first organization.
 */
export function nearest<Row extends { organizationId: string }>(
  rows: readonly Row[],
  path: readonly string[],
  nameOf: (row: Row) => string,
): Row[] {
  const onPath = rows.filter(({ organizationId }) => path.includes(organizationId));
  const farthestFirst = onPath.toSorted((a, b) => path.indexOf(b.organizationId) - path.indexOf(a.organizationId));
  const byName = new Map(farthestFirst.map((row) => [nameOf(row), row]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
