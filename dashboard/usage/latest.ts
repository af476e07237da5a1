/** What lists of the latest know of a request. */
interface Dated {
  id: string;
  created_at: string;
}

/** The newest `most` of a list and of what came since, each once; what came later of one stands for it. */
export function latestOf<Row extends Dated>(list: readonly Row[], since: readonly Row[], most: number): Row[] {
  const byId = new Map<string, Row>();
  for (const row of [...list, ...since]) byId.set(row.id, row);
  return [...byId.values()]
    .sort((a, b) => (a.created_at === b.created_at ? (a.id < b.id ? 1 : -1) : a.created_at < b.created_at ? 1 : -1))
    .slice(0, most);
}
