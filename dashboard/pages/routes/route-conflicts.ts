import { t } from "../../text/text.ts";
import { draftOfRoute, type RouteDraft, type RouteRow } from "./route-draft.ts";

const lineOf = ({ targets }: RouteDraft): string =>
  targets.map(({ model, weight }) => `${model} (${weight})`).join(" → ");

/** A draft beside what somebody else made of its route meanwhile, part by part; null: nobody did. */
export function conflictsOf(draft: RouteDraft, theirs: RouteRow | null) {
  if (theirs === null) return [];
  const now = draftOfRoute(theirs, theirs.organization_id);
  const strategyOf = ({ strategy }: RouteDraft) => t(`routes.strategies.${strategy}`);
  return [
    { name: t("routes.strategy"), yours: strategyOf(draft), theirs: strategyOf(now) },
    { name: t("routes.targets"), yours: lineOf(draft), theirs: lineOf(now) },
    { name: t("routes.timeouts"), yours: draft.timeouts, theirs: now.timeouts },
  ];
}
