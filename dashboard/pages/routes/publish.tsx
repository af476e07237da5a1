import { Show } from "solid-js";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/use-query.ts";
import { Confirm } from "../../components/confirm.tsx";
import { count } from "../../format/numbers.ts";
import { t } from "../../text/text.ts";
import { RouteDiff } from "./route-diff.tsx";
import type { RouteRow, RouteTerms } from "./route-draft.ts";

/** Shows what would change of a route that is in use, and how much it is, before it holds. */
export function Publish(props: {
  route: RouteRow;
  /** Null: closed. */
  terms: RouteTerms | null;
  title: string;
  action: string;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}) {
  const live = useQuery(() => ({
    queryKey: ["routes", "live", props.route.id],
    enabled: props.terms !== null,
    queryFn: async ({ signal }) => {
      const { organization_id: organization, name, id } = props.route;
      const { data } = await ask(
        api.routes.$get({ query: { organization, name, figures: "true", limit: "200" } }, { init: { signal } }),
      );
      return data.find((one) => one.id === id)?.figures ?? null;
    },
  }));
  return (
    <Confirm
      open={props.terms !== null}
      onClose={props.onClose}
      title={props.title}
      action={props.action}
      look="primary"
      onConfirm={props.onConfirm}
    >
      <Show when={props.terms}>{(terms) => <RouteDiff before={props.route} after={terms()} />}</Show>
      <p class="min-h-5">
        {live.data ? t("routes.inUse", { requests: count(live.data.requests) }) : t("routes.holdsAtOnce")}
      </p>
    </Confirm>
  );
}
