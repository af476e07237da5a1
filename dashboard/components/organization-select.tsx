import { createMemo, For } from "solid-js";
import { api, ask } from "../api/client.ts";
import { useQuery } from "../api/use-query.ts";
import { useAccount } from "../state/account.tsx";

/** An em space: of all that step to the right, letters typed at a `<select>` find the names behind it. */
const INDENT = "\u2003";

/** Organizations that the reader reaches, the first 200 by name, each under its own. */
export const useOrganizations = () =>
  useQuery(() => ({
    queryKey: ["organizations", "all"],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      ask(api.organizations.$get({ query: { limit: "200", sort: "name" } }, { init: { signal } })),
  }));

/** Whether the reader acts at the root: the catalogue, past prices and retention are the whole tenant's. False until it is known. */
export function useAtRoot(): () => boolean {
  const { account } = useAccount();
  const list = useOrganizations();
  return () => list.data?.data.find(({ id }) => id === account().organization.id)?.parent_id === null;
}

/** Options of a `<select>`: the tree, each level a step to the right. They come later than their list, so each says whether it is chosen. */
export function OrganizationOptions(props: {
  selected: string;
  /** This one and those below it are not to be chosen. */
  without?: string;
}) {
  const { account } = useAccount();
  const list = useOrganizations();
  const tree = createMemo(() => {
    // Until they are here, the reader's own holds the place.
    const found = list.data?.data ?? [{ ...account().organization, parent_id: null }];
    const all = found.filter(({ id }) => id !== props.without);
    const known = new Set(all.map(({ id }) => id));
    const below = (parent: string | null, level: number): { id: string; name: string; level: number }[] =>
      all
        .filter(({ parent_id }) =>
          parent === null
            ? parent_id === null || (!known.has(parent_id) && parent_id !== props.without)
            : parent_id === parent,
        )
        .flatMap(({ id, name }) => [{ id, name, level }, ...below(id, level + 1)]);
    return below(null, 0);
  });
  return (
    <For each={tree()}>
      {({ id, name, level }) => (
        <option value={id} selected={id === props.selected}>
          {INDENT.repeat(level)}
          {name}
        </option>
      )}
    </For>
  );
}
