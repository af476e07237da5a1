import { A, useLocation } from "@solidjs/router";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { useOrganizations } from "../../components/organization-select.tsx";
import { date } from "../../format/time.ts";
import { useAccount } from "../../state/account.tsx";
import { carriedSearch } from "../../state/scope.ts";
import { t } from "../../text/text.ts";

/** What is kept of a request, and since when, and the way to those that were refused; where that is not known, the place of the words is kept: what stands beside it stays there. */
export function KeptSince() {
  const { account } = useAccount();
  const here = useLocation();
  const organizations = useOrganizations();
  const isRoot = () =>
    organizations.data?.data.some(({ id, parent_id }) => parent_id === null && id === account().organization.id) ??
    false;
  const retention = useQuery(() => ({
    queryKey: ["retention"],
    // Only the root knows.
    enabled: isRoot(),
    staleTime: 600_000,
    queryFn: ({ signal }) => ask(api.retention.$get({}, { init: { signal } })),
  }));
  const since = () => retention.data?.requests_since;
  return (
    // On a narrow screen it needs a line of its own.
    <span class="block max-sm:min-h-[2lh]">
      {t("logs.noBodies")}{" "}
      <A href={`/refused${carriedSearch(here.search)}`} class="text-accent underline">
        {t("logs.refused")}
      </A>{" "}
      <span class={since() ? "" : "invisible"}>
        {t("logs.keptSince", { date: date(since() ?? new Date().toISOString()) })}
      </span>
    </span>
  );
}
