import { api, ask } from "../../api/client.ts";
import { inLots } from "../../state/bulk.ts";

/** A key that stayed where it was, and why. */
export interface StayingKey {
  name: string;
  reason: string;
}

/** Moves every key of an organization that is not revoked to another. Resolves with those that were refused. Throws an `ApiFailure`. */
export async function moveKeysOut(from: string, to: string): Promise<StayingKey[]> {
  const names = new Map<string, string>();
  let cursor: string | null = null;
  do {
    const page: { data: { id: string; name: string; status: string }[]; next_cursor: string | null } = await ask(
      api.keys.$get({ query: { organization: from, sort: "name", limit: "200", ...(cursor ? { cursor } : {}) } }),
    );
    for (const { id, name, status } of page.data) if (status !== "revoked") names.set(id, name);
    cursor = page.next_cursor;
  } while (cursor !== null);
  const move = async (ids: string[]) => {
    const { results } = await ask(api.keys.bulk.$post({ json: { action: "move", ids, organization_id: to } }));
    return results.map(({ id, error }) => ({ id, error: error?.message ?? null }));
  };
  const { failed } = await inLots([...names.keys()], move, {
    onProgress: () => {},
    signal: new AbortController().signal,
  });
  return failed.map(({ id, error }) => ({ name: names.get(id) ?? id, reason: error ?? "" }));
}
