import { createMemo, mapArray } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { useAccount } from "../../state/account.tsx";
import { useParam, useParams } from "../../state/address.ts";
import { createMedia } from "../../state/media.ts";
import { drillDown, flattenTree, type OrganizationRow } from "./tree.ts";

const AT_MOST = "200";

/** The reader's tree: what is right below an organization is read when it is opened; a search shows what it finds with all above it. */
export function useTree() {
  const { account } = useAccount();
  const [q, setQ] = useParam("q");
  const [opened, setOpened] = useParams("open");
  const [closed, setClosed] = useParam("closed");
  const home = () => account().organization.id;
  const isNarrow = createMedia("(max-width: 767px)");
  // The highest one is open unless it was closed.
  const open = () => [...(closed() && !isNarrow() ? [] : [home()]), ...opened()];

  const parents = createMemo(() => [...new Set([home(), ...open()])]);
  const below = createMemo(
    mapArray(parents, (parent) =>
      useQuery(() => ({
        queryKey: ["organizations", "below", parent],
        enabled: q() === "",
        queryFn: ({ signal }) =>
          ask(
            api.organizations.$get(
              { query: { parent, sort: "name", limit: AT_MOST, figures: "true" } },
              { init: { signal } },
            ),
          ),
      })),
    ),
  );
  const root = useQuery(() => ({
    queryKey: ["organizations", "one", home()],
    queryFn: ({ signal }) =>
      ask(api.organizations[":id"].$get({ param: { id: home() }, query: { figures: "true" } }, { init: { signal } })),
  }));
  const found = useQuery(() => ({
    queryKey: ["organizations", "found", q()],
    enabled: q() !== "",
    queryFn: ({ signal }) =>
      ask(
        api.organizations.$get(
          { query: { q: q(), sort: "name", limit: AT_MOST, figures: "true" } },
          { init: { signal } },
        ),
      ),
  }));

  const all = createMemo(() => {
    const byId = new Map<string, OrganizationRow>();
    if (!q() && root.data) byId.set(home(), { ...root.data, children: below()[0]?.data?.data.length ?? 0 });
    const pages = q() ? [found.data] : below().map(({ data }) => data);
    for (const page of pages)
      for (const one of [...(page?.ancestors ?? []), ...(page?.data ?? [])]) byId.set(one.id, one);
    return flattenTree([...byId.values()], (id) => q() !== "" || open().includes(id));
  });
  const drilled = createMemo(() => (isNarrow() && !q() ? drillDown(all(), opened()) : null));
  /** From below the highest down to one, as the address has it on a narrow screen. */
  const pathTo = (id: string): string[] => {
    const node = all().find((row) => row.node.id === id)?.node;
    return node === undefined || id === home() ? [] : [...pathTo(node.parent_id ?? ""), id];
  };
  const main = () => (q() ? found : below()[0]);

  return {
    q,
    setQ,
    rows: () => drilled()?.rows ?? all(),
    /** Whether one organization is shown with what is right below it, rather than the tree. */
    isNarrow,
    /** What stands above the rows on a narrow screen, from the highest down; a step back to one of them. */
    above: () => drilled()?.above ?? [],
    goTo: (id: string) => setOpened(pathTo(id)),
    /** What the panel shows of the first question: the others follow it. */
    query: {
      get data() {
        return main()?.data;
      },
      get error() {
        return main()?.error ?? root.error ?? below().find(({ error }) => error)?.error ?? null;
      },
      get isPending() {
        return main()?.isPending ?? true;
      },
      get isFetching() {
        return below().some(({ isFetching }) => isFetching) || found.isFetching;
      },
      get dataUpdatedAt() {
        return main()?.dataUpdatedAt ?? 0;
      },
      refetch: () => void Promise.all([...below().map((one) => one.refetch()), ...(q() ? [found.refetch()] : [])]),
    },
    /** Whether there are more than are shown. */
    cut: () => (q() ? [found.data] : below().map(({ data }) => data)).some((page) => page?.next_cursor),
    toggle(id: string, to: boolean) {
      if (drilled()) setOpened(to ? pathTo(id) : pathTo(id).slice(0, -1));
      else if (id === home()) setClosed(to ? "" : "1");
      else setOpened(to ? [...opened(), id] : opened().filter((one) => one !== id));
    },
  };
}
