import type { Database } from "../drizzle/client.ts";
import type { RequestFilter } from "../worker/usage/log/matching.ts";
import { countRequests, requestFacets, requestHistogram } from "../worker/usage/log/overview.ts";
import { getRequest, listRequests } from "../worker/usage/requests.ts";
import { readBreakdown } from "../worker/usage/stats/breakdown.ts";
import type { ComparedScope } from "../worker/usage/stats/compared.ts";
import { type DimensionName, dimension, tagDimension } from "../worker/usage/stats/dimension.ts";
import type { UsageFilter } from "../worker/usage/stats/filter.ts";
import { type Bucket, readSeries } from "../worker/usage/stats/series.ts";
import { readSessions } from "../worker/usage/stats/sessions.ts";
import { readSummary } from "../worker/usage/stats/summary.ts";

const DAY_MS = 86_400_000;

/** What a round's questions are asked with. */
export interface Asking {
  database: Database;
  rootId: string;
  /** The end of every period, milliseconds since the epoch. */
  to: number;
  /** An organization, a key and so on of the tenant, others in every round. */
  organizationId: string;
  keyId: string;
  sessionId: string;
  endUser: string;
  /** An id deep in the log. */
  eventId: string;
}

/** `floor`: what any question costs; `sums`: what sums alone tell. */
export type Kind = "floor" | "sums" | "statistics" | "log";

export interface Question {
  name: string;
  kind: Kind;
  /** Asks once; answers what was read. */
  ask(asking: Asking): Promise<string>;
}

type Filtering = (asking: Asking) => UsageFilter;
const all: Filtering = () => ({});

const scopeOf = ({ rootId, to }: Asking, days: number, filter: UsageFilter, previous = false): ComparedScope => ({
  ...{ rootId, filter, period: { from: to - days * DAY_MS, to } },
  previous: previous ? { from: to - 2 * days * DAY_MS, to: to - days * DAY_MS } : null,
});

const summary = (days: number, title = "", filter = all, previous = false): Question => ({
  name: `summary, ${days} d${title}`,
  kind: "statistics",
  async ask(asking) {
    return (await readSummary(asking.database, scopeOf(asking, days, filter(asking), previous), [])).source;
  },
});

interface SeriesQuestion {
  title?: string;
  filter?: Filtering;
  latency?: boolean;
  kind?: Kind;
  /** What each bucket is told in parts by, the first six; with the period before. */
  group?: string;
}

const series = (
  [bucket, days, timeZone]: [Bucket, number, string],
  { title = "", filter = all, latency = false, kind = "sums", group }: SeriesQuestion = {},
): Question => ({
  name: `series, ${days} d by ${bucket}, ${timeZone}${group === undefined ? "" : `, in parts by ${group}`}${title}${latency ? ", percentiles" : ""}`,
  kind: latency ? "statistics" : kind,
  async ask(asking) {
    const groups = group === undefined ? null : { group: dimensionOf(group), measure: "cost" as const, top: 6 };
    const scope = { ...scopeOf(asking, days, filter(asking), group !== undefined), bucket, timeZone, groups };
    return (await readSeries(asking.database, scope, latency)).source;
  },
});

const dimensionOf = (name: string) =>
  name.startsWith("tag:") ? tagDimension(name.slice(4)) : dimension(name as DimensionName);

const breakdown = (
  group: string,
  days: number,
  {
    sub = null,
    kind = "statistics",
    title = "",
    filter = all,
    previous = false,
  }: { sub?: string | null; kind?: Kind; title?: string; filter?: Filtering; previous?: boolean } = {},
): Question => ({
  name: `breakdown, ${days} d by ${group}${sub === null ? "" : ` and ${sub}`}${title}`,
  kind,
  async ask(asking) {
    const scope = scopeOf(asking, days, filter(asking), previous);
    const groups = { group: dimensionOf(group), sub: sub === null ? null : dimensionOf(sub) };
    return (await readBreakdown(asking.database, { ...scope, ...groups, measure: "cost", top: 10 })).source;
  },
});

const list = (title: string, filter: (asking: Asking) => RequestFilter, deep = false): Question => ({
  name: `log, ${title}`,
  kind: "log",
  async ask(asking) {
    const place = { limit: 50, cursor: deep ? asking.eventId : undefined };
    await listRequests(asking.database, asking.rootId, filter(asking), place);
    return "events";
  },
});

const log = (title: string, ask: (asking: Asking) => Promise<unknown>): Question => ({
  name: `log, ${title}`,
  kind: "log",
  async ask(asking) {
    await ask(asking);
    return "events";
  },
});

const COMMON = ["organization", "key", "member", "model", "provider", "status"];
const OF_DAYS = ["outcome", "error_code", "client", "dialect", "route"];
const LABELS = ["session", "agent", "end_user", "tag:team"];
const ZONES = ["UTC", "Europe/Zurich", "Asia/Kolkata"];
const byKey: Filtering = ({ keyId }) => ({ keyIds: [keyId] });
const byClient: Filtering = () => ({ clients: ["openai-js/7.57.0"] });
const byTag: Filtering = () => ({ tags: [{ name: "team", value: "team 3" }] });
const byUser: Filtering = ({ endUser }) => ({ endUsers: [endUser] });
const bySession: Filtering = ({ sessionId }) => ({ sessionIds: [sessionId] });

export const QUESTIONS: Question[] = [
  ...[1, 7, 30, 90].map((days) => summary(days)),
  summary(30, ", of an organization", ({ organizationId }) => ({ organizationIds: [organizationId] })),
  summary(30, ", of a key", byKey),
  summary(30, ", of 5xx", () => ({ statusClasses: [5] })),
  summary(30, ", of a client", byClient),
  summary(30, ", of a tag", byTag),
  summary(30, ", of an end user", byUser),
  summary(30, ", of a session", bySession),
  summary(30, ", with the period before", all, true),
  ...ZONES.flatMap((zone) => [
    series(["hour", 1, zone], { kind: zone === "Asia/Kolkata" ? "statistics" : "sums" }),
    series(["hour", 7, zone], { kind: "statistics" }),
    ...[7, 30, 90].map((days) => series(["day", days, zone], { kind: days === 90 ? "statistics" : "sums" })),
    series(["week", 90, zone], { kind: "statistics" }),
    series(["month", 90, zone], { kind: "statistics" }),
  ]),
  series(["day", 30, "Europe/Zurich"], { latency: true }),
  series(["hour", 1, "Europe/Zurich"], { latency: true }),
  series(["day", 30, "Europe/Zurich"], { title: ", of a key", filter: byKey }),
  series(["day", 30, "Europe/Zurich"], { title: ", of a client", filter: byClient, kind: "statistics" }),
  series(["day", 30, "Asia/Kolkata"], { title: ", of a tag", filter: byTag, kind: "statistics" }),
  ...["model", "organization", "client", "tag:team", "session"].map((group) =>
    series(["day", 30, "Europe/Zurich"], { group, kind: "statistics" }),
  ),
  series(["hour", 7, "Europe/Zurich"], { group: "model", kind: "statistics" }),
  summary(1, ", read from a cache", () => ({ cached: true })),
  summary(7, ", read from a cache", () => ({ cached: true })),
  ...COMMON.flatMap((name) => [breakdown(name, 7, { kind: "sums" }), breakdown(name, 30, { kind: "sums" })]),
  ...OF_DAYS.map((name) => breakdown(name, 30)),
  ...LABELS.flatMap((name) => [breakdown(name, 7), breakdown(name, 30)]),
  breakdown("model", 90),
  breakdown("client", 90),
  breakdown("organization", 30, { sub: "model", kind: "sums" }),
  breakdown("key", 30, { sub: "status", kind: "sums" }),
  breakdown("client", 30, { sub: "outcome" }),
  breakdown("tag:team", 30, { sub: "model" }),
  breakdown("session", 7, { sub: "model" }),
  breakdown("model", 30, { title: ", of a client", filter: byClient }),
  breakdown("model", 30, { title: ", with the period before", previous: true }),
  ...(["recent", "cost"] as const).flatMap((order) =>
    [7, 30].map(
      (days): Question => ({
        name: `sessions, ${days} d, ${order}`,
        kind: "statistics",
        async ask(asking) {
          const place = { order, limit: 50, after: null };
          await readSessions(asking.database, scopeOf(asking, days, {}), place);
          return "";
        },
      }),
    ),
  ),
  list("first page", () => ({})),
  list("deep page", () => ({}), true),
  list("30 d", ({ to }) => ({ from: to - 30 * DAY_MS, to })),
  list("of an organization", ({ organizationId }) => ({ organizationIds: [organizationId] })),
  list("of a key", byKey),
  list("of a session", bySession),
  list("of an end user", byUser),
  list("of a tag", byTag),
  list("of a tag that is rare", () => ({ tags: [{ name: "team", value: "nobody" }] })),
  list("of a client", byClient),
  list("of 5xx", () => ({ statusClasses: [5] })),
  list("of an error code", () => ({ errorCodes: ["upstream_error"] })),
  list("of an error code that is rare", () => ({ errorCodes: ["nothing"] })),
  list("of a model", () => ({ models: [{ provider: "anthropic", upstreamModel: "model-7" }] })),
  list("of a model that is not used", () => ({ models: [{ provider: "anthropic", upstreamModel: "nothing" }] })),
  list("searched by model", () => ({ search: "del-7" })),
  list("searched by the beginning of an id", ({ eventId }) => ({ search: eventId.slice(0, 9) })),
  list("dear ones", () => ({ minCostNano: 90_000_000 })),
  list("slow ones", () => ({ minDurationMs: 30_000 })),
  log("count", ({ database, rootId }) => countRequests(database, rootId, {})),
  log("count of a key", (asking) => countRequests(asking.database, asking.rootId, byKey(asking))),
  log("count of 5xx, 30 d", ({ database, rootId, to }) =>
    countRequests(database, rootId, { statusClasses: [5], from: to - 30 * DAY_MS, to }),
  ),
  log("facets", ({ database, rootId }) =>
    requestFacets(database, rootId, {}, [
      "model",
      "provider",
      "status",
      "outcome",
      "error_code",
      "key",
      "organization",
      "client",
    ]),
  ),
  ...[1, 30].map((days) =>
    log(`histogram, ${days} d`, ({ database, rootId, to }) =>
      requestHistogram(database, rootId, { from: to - days * DAY_MS, to }, 60),
    ),
  ),
  log("one request", ({ database, rootId, eventId }) => getRequest(database, rootId, eventId)),
];
