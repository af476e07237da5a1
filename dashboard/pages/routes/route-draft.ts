import type { InferResponseType } from "hono/client";
import type { api } from "../../api/client.ts";

/** A route as the list has it. */
export type ListedRoute = InferResponseType<typeof api.routes.$get>["data"][number];
/** A route alone. */
export type RouteRow = Omit<ListedRoute, "figures">;

/** What of a route its editor changes, as the API has it. */
export type RouteTerms = Pick<RouteRow, "strategy" | "targets" | "timeouts">;

export const TIMEOUTS = ["headers_ms", "first_token_ms", "idle_ms", "total_ms"] as const;

export interface TargetDraft {
  model: string;
  credential: string;
  weight: string;
}

/** A route as it is being written. */
export interface RouteDraft {
  organization: string;
  name: string;
  strategy: RouteRow["strategy"];
  targets: TargetDraft[];
  /** Milliseconds as written; empty: the gateway's own. */
  timeouts: Record<(typeof TIMEOUTS)[number], string>;
}

export const newTarget = (): TargetDraft => ({ model: "", credential: "", weight: "1" });

/** Where a new route begins, or the terms of one that is. */
export const draftOfRoute = (route: RouteRow | null, organization: string): RouteDraft => ({
  organization: route?.organization_id ?? organization,
  name: route?.name ?? "",
  strategy: route?.strategy ?? "ordered",
  targets: route?.targets.map((one) => ({
    model: one.model,
    credential: one.credential ?? "",
    weight: String(one.weight),
  })) ?? [newTarget()],
  timeouts: Object.fromEntries(
    TIMEOUTS.map((name) => [name, route?.timeouts[name] == null ? "" : String(route.timeouts[name])]),
  ) as RouteDraft["timeouts"],
});

/** Terms that are written, as a draft of the same route. */
export const draftOfTerms = (terms: RouteTerms, { organization, name }: RouteDraft): RouteDraft => ({
  ...draftOfRoute(terms as RouteRow, organization),
  ...{ organization, name },
});

/** The targets with one of them a place up or down; as they are where there is none. */
export function moved<Target>(targets: readonly Target[], index: number, by: -1 | 1): Target[] {
  const [one, other] = [targets[index], targets[index + by]];
  if (one === undefined || other === undefined) return [...targets];
  return targets.map((target, place) => (place === index ? other : place === index + by ? one : target));
}

/** What is sent of its terms. */
export const termsOfDraft = (draft: RouteDraft) => ({
  strategy: draft.strategy,
  targets: draft.targets.map(({ model, credential, weight }) => ({
    model: model.trim(),
    credential: credential.trim() || null,
    ...(draft.strategy === "weighted" ? { weight: Number(weight) } : {}),
  })),
  timeouts: Object.fromEntries(
    TIMEOUTS.flatMap((name) => (draft.timeouts[name].trim() ? [[name, Number(draft.timeouts[name])]] : [])),
  ),
});

/** The body that creates or replaces it. */
export const bodyOfRoute = (draft: RouteDraft) => ({
  organization_id: draft.organization,
  name: draft.name.trim(),
  ...termsOfDraft(draft),
});

/** Terms as they will be: what was left out is filled in. */
export function wholeTerms({ strategy, targets, timeouts }: ReturnType<typeof termsOfDraft>): RouteTerms {
  const given: Record<string, number> = timeouts;
  return {
    strategy,
    targets: targets.map((one) => ({ ...one, weight: ("weight" in one && one.weight) || 1 })),
    timeouts: Object.fromEntries(TIMEOUTS.map((name) => [name, given[name] ?? null])) as RouteTerms["timeouts"],
  };
}

/** The names under which the audit log has a route's time-outs. */
const STORED = { headers: "headers_ms", firstToken: "first_token_ms", idle: "idle_ms", total: "total_ms" } as const;

/** A route's terms as the audit log has them; null: it tells none. */
export function termsOfAudit(said: Record<string, unknown> | null): RouteTerms | null {
  const { strategy, targets, timeouts } = (said ?? {}) as Partial<RouteTerms>;
  if (strategy === undefined || !Array.isArray(targets)) return null;
  const stored = (timeouts ?? {}) as Record<string, number | null | undefined>;
  return {
    strategy,
    targets,
    timeouts: Object.fromEntries(
      Object.entries(STORED).map(([name, shown]) => [shown, stored[name] ?? null]),
    ) as RouteTerms["timeouts"],
  };
}
