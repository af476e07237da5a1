import type { ConfigurationAttention } from "../../organizations/attention.ts";
import type { FailingProvider } from "../../usage/failing-providers.ts";
import type { Reconciliation } from "../../usage/reconcile.ts";
import type { Spend } from "../../usage/spend-by.ts";
import type { StandingLimit } from "./limit-standings.ts";
import { isBudget, levelOf, percentUsed } from "./limit-status.ts";
import type { ModelView } from "./model-view.ts";
import { exact } from "./stats-bodies.ts";
import type { TargetHealth } from "./target-health.ts";

/** So many of each kind are named. */
export const WORST = 5;

export const SEVERITIES = ["critical", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

export const ATTENTION_KINDS = [
  "limits_over",
  "limits_near",
  "targets_failing",
  "targets_cooling",
  "providers_failing",
  "models_unpriced",
  "models_deprecated",
  "keys_expiring",
  "keys_unused",
  "webhooks_failing",
  "books_differ",
] as const;

/** Where it can be handled. */
export const ATTENTION_PAGES = [
  "limits",
  "providers",
  "models",
  "keys",
  "webhooks",
  "reconciliations",
  "routes",
] as const;

/** One of those that need attention. What does not apply is null. */
interface Worst {
  id: string;
  name: string;
  /** When a limit begins anew, a key or model ends, something was used, tried or compared last. */
  at: string | null;
  /** Of a limit that is used up, of requests that failed. */
  percent: number | null;
  requests: number | string | null;
}

export interface AttentionItem {
  kind: (typeof ATTENTION_KINDS)[number];
  severity: Severity;
  count: number;
  worst: Worst[];
  page: (typeof ATTENTION_PAGES)[number];
  /** As the page's own list takes it. */
  query: string;
}

const NOTHING = { at: null, percent: null, requests: null };
const iso = (at: Date | number | string | null): string | null => (at === null ? null : new Date(at).toISOString());

/** An item of its first few; none where there is nothing to tell. */
const itemOf = ({ count, ...item }: AttentionItem): AttentionItem[] =>
  count === 0 ? [] : [{ ...item, count, worst: item.worst.slice(0, WORST) }];

/** The most severe first; else in the order of their kinds. */
export const bySeverity = (items: readonly AttentionItem[]): AttentionItem[] =>
  items.toSorted(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      ATTENTION_KINDS.indexOf(a.kind) - ATTENTION_KINDS.indexOf(b.kind),
  );

/** Budgets that are used up, or nearly: one that blocks stops requests. */
export function limitItems(standings: readonly StandingLimit[]): AttentionItem[] {
  const budgets = standings
    .filter(({ status }) => isBudget(status))
    .sort((a, b) => percentUsed(b.status) - percentUsed(a.status) || (a.row.id < b.row.id ? -1 : 1));
  return (["over", "near"] as const).flatMap((level) => {
    const found = budgets.filter(({ status }) => levelOf(status) === level);
    const blocks = found.some(({ row }) => row.mode === "block");
    return itemOf({
      ...{ kind: `limits_${level}`, severity: level === "over" && blocks ? "critical" : "warning" },
      ...{ count: found.length, page: "limits", query: `kind=budget&level=${level}` },
      worst: found.map(({ row, status }) => ({
        ...{ ...NOTHING, id: row.id, name: row.keyName ?? row.organizationName },
        ...{ at: iso(status.resetsAt), percent: percentUsed(status) },
      })),
    });
  });
}

/** Targets that nearly always fail, and those that asked to be left alone. What is critical is that a route leads to it. */
export const targetItems = (targets: readonly TargetHealth[]): AttentionItem[] =>
  (["failing", "cooling"] as const).flatMap((state) => {
    const found = targets.filter((one) => one.state === state);
    const name = ({ provider, model, credential }: TargetHealth) =>
      `${provider}/${model}${credential === null ? "" : `@${credential}`}`;
    return itemOf({
      ...{ kind: `targets_${state}`, count: found.length, page: "routes", query: `health=${state}` },
      severity: state === "failing" && found.some(({ routes }) => routes.length > 0) ? "critical" : "warning",
      worst: found.map((one) => ({
        ...{ ...NOTHING, id: one.key, name: name(one), at: iso(one.cooling?.until ?? one.lastFailure?.at ?? null) },
      })),
    });
  });

/** Providers that fail, the worst first: half of the requests and more is critical. */
export const providerItems = (failing: readonly FailingProvider[]): AttentionItem[] =>
  itemOf({
    ...{ kind: "providers_failing", count: failing.length, page: "providers" },
    severity: failing.some(({ requests, failed }) => failed * 2 >= requests) ? "critical" : "warning",
    query: failing.map(({ provider }) => `provider=${encodeURIComponent(provider)}`).join("&"),
    worst: failing.map(({ provider, requests, failed }) => ({
      ...{ ...NOTHING, id: provider, name: provider, requests },
      percent: Math.floor((failed * 1000) / requests) / 10,
    })),
  });

const DAY_MS = 86_400_000;
/** A model that ends so soon should be replaced by now; one that ends later is only told of. */
const ENDING_MS = 30 * DAY_MS;

/** Models that were used of late and have no price now, or an end that is known. */
export function modelItems(
  views: readonly ModelView[],
  used: ReadonlyMap<string, Spend>,
  now: number,
): AttentionItem[] {
  const known = new Map(views.map((view) => [view.model.id, view]));
  const byRequests = [...used]
    .filter(([, { requests }]) => BigInt(requests) > 0n)
    .sort(([a, one], [b, two]) => Number(BigInt(two.requests) - BigInt(one.requests)) || (a < b ? -1 : 1))
    .map(([id, { requests }]) => ({ id, view: known.get(id), requests: exact(BigInt(requests)) }));
  const worstOf = ({ id, view, requests }: (typeof byRequests)[number]) => ({
    ...{ ...NOTHING, id, name: view?.model.displayName ?? id, requests },
    at: iso(view?.model.deprecationDate ?? null),
  });
  const unpriced = byRequests.filter(({ view }) => !view?.price);
  const ending = byRequests
    .filter(({ view }) => view?.model.deprecationDate !== undefined)
    .map(worstOf)
    .sort((a, b) => ((a.at ?? "") < (b.at ?? "") ? -1 : (a.at ?? "") > (b.at ?? "") ? 1 : 0));
  const left = Date.parse(ending[0]?.at ?? "") - now;
  return [
    ...itemOf({
      ...{ kind: "models_unpriced", severity: "warning", count: unpriced.length, page: "models" },
      ...{ query: "priced=false&used=true&sort=-requests", worst: unpriced.map(worstOf) },
    }),
    ...itemOf({
      ...{
        kind: "models_deprecated",
        count: ending.length,
        page: "models",
        query: "deprecated=true&used=true&sort=deprecation_date",
      },
      severity: left <= 0 ? "critical" : left <= ENDING_MS ? "warning" : "info",
      worst: ending,
    }),
  ];
}

/** Keys that end soon, and those that nobody uses. */
export function keyItems(found: ConfigurationAttention, now: number): AttentionItem[] {
  const { expiring, expiringBefore, unused, unusedSince } = found;
  const named = (keys: typeof expiring) => keys.map(({ id, name, at }) => ({ ...NOTHING, id, name, at: iso(at) }));
  const soon = (expiring[0]?.at?.getTime() ?? 0) - now < DAY_MS;
  const since = unusedSince.toISOString();
  return [
    ...itemOf({
      ...{ kind: "keys_expiring", severity: soon ? "critical" : "warning", count: expiring[0]?.total ?? 0 },
      ...{ page: "keys", query: `state=active&expiring_before=${expiringBefore.toISOString()}&sort=expires_at` },
      worst: named(expiring),
    }),
    ...itemOf({
      ...{ kind: "keys_unused", severity: "info", count: unused[0]?.total ?? 0, page: "keys" },
      query: `state=active&unused_since=${since}&created_before=${since}&sort=last_used_at`,
      worst: named(unused),
    }),
  ];
}

/** Webhooks whose last attempt was in vain. */
export const webhookItems = ({ failing }: ConfigurationAttention): AttentionItem[] =>
  itemOf({
    ...{ kind: "webhooks_failing", severity: "warning", count: failing[0]?.total ?? 0, page: "webhooks", query: "" },
    worst: failing.map(({ id, name, at }) => ({ ...NOTHING, id, name, at: iso(at) })),
  });

/** The last comparison of the books that could be made, where it found them to differ: as many as there are figures. */
export const bookItems = (latest: Reconciliation | undefined): AttentionItem[] =>
  latest?.outcome !== "differ"
    ? []
    : itemOf({
        ...{ kind: "books_differ", severity: "critical", count: latest.differences.length, page: "reconciliations" },
        ...{ query: "", worst: [{ ...NOTHING, id: latest.id, name: latest.outcome, at: iso(latest.at) }] },
      });
