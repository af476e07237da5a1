import { Hono } from "hono";
import { z } from "zod";
import { memoryPage, type Place } from "../../lib/memory-page.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { figuresField, listBody, listSchema } from "./list.ts";
import { HOURS, readTargets, type TargetReading } from "./read-targets.ts";
import { noFigures, TARGET_STATES, type TargetFigures, type TargetHealth } from "./target-health.ts";
import { idSchema, nameSearchSchema, query, searchSchema } from "./validate.ts";

const TARGET_SORTS = ["state", "name", "attempts"] as const;

const targetQuery = listSchema(TARGET_SORTS, "state").extend({
  organization: idSchema("org").optional().describe("Of this organization's routes and requests, and those below."),
  state: z.enum(TARGET_STATES).optional(),
  provider: searchSchema.optional(),
  q: nameSearchSchema.optional().describe("Part of a name."),
  figures: figuresField,
});

const PLACES: Record<(typeof TARGET_SORTS)[number], (one: TargetHealth) => Place> = {
  state: ({ state }) => TARGET_STATES.indexOf(state),
  name: (one) => nameOf(one).toLowerCase(),
  attempts: ({ recent }) => recent.attempts,
};

/** `provider/model` as it is sent upstream. */
const nameOf = ({ provider, model }: TargetHealth): string => `${provider}/${model}`;

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const figuresBody = ({ attempts, failures, p50, p95, series }: TargetFigures, from: number, since: number) => ({
  from: new Date(from).toISOString(),
  since: new Date(Math.max(from, since)).toISOString(),
  ...{ attempts, failures, error_rate: attempts > 0 ? failures / attempts : null },
  ...{ duration_ms_p50: p50, duration_ms_p95: p95, series },
});

/** A target as the API shows it. */
const targetBody = (one: TargetHealth, { recentFrom, since, day }: TargetReading) => ({
  id: one.key,
  name: nameOf(one),
  ...{ provider: one.provider, model: one.model, credential: one.credential, state: one.state, routes: one.routes },
  cooling: one.cooling && {
    until: new Date(one.cooling.until).toISOString(),
    reason: one.cooling.reason ?? null,
  },
  last_attempt_at: iso(one.lastAttempt),
  last_failure: one.lastFailure && {
    at: new Date(one.lastFailure.at).toISOString(),
    status: one.lastFailure.status,
    code: one.lastFailure.code,
  },
  recent: figuresBody(one.recent, recentFrom, since),
  figures: day && figuresBody(day.figures.get(one.key) ?? noFigures(HOURS), day.from, day.since),
});

/** `/api/targets`: how what stands behind routes and models does. */
export function targetRoutes(dependencies: AdminDependencies) {
  return new Hono<AdminEnv>().get("/", query(targetQuery), async (context) => {
    const { organization, state, provider, q, figures, ...page } = context.req.valid("query");
    const asOf = dependencies.now();
    const reading = await readTargets(dependencies, context, { organization, figures: figures === true });
    const found = reading.targets.filter(
      (one) =>
        (state === undefined || one.state === state) &&
        (provider === undefined || one.provider === provider) &&
        (q === undefined || nameOf(one).toLowerCase().includes(q.toLowerCase())),
    );
    const order = { place: PLACES[page.sort.by], id: ({ key }: TargetHealth) => key };
    return context.json({
      ...listBody(memoryPage(found, order, page), asOf, (one) => targetBody(one, reading)),
      total: found.length,
      cooling_known: reading.coolingKnown,
    });
  });
}
