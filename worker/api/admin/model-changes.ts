import { Hono } from "hono";
import { z } from "zod";
import { providerOf } from "../../catalog/model-changes.ts";
import { GatewayError } from "../../errors.ts";
import { memoryPage } from "../../lib/memory-page.ts";
import { acceptChanges } from "../../organizations/accept-model-changes.ts";
import { recordAct } from "../../organizations/audit.ts";
import { atRoot } from "../../organizations/authority.ts";
import { dismissChanges, type PendingChange, pendingChanges } from "../../organizations/model-changes.ts";
import { type ModelListRow, readListStates } from "../../organizations/model-lists.ts";
import { providers } from "../../providers/registry.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { errorBody } from "./errors.ts";
import { listBody, listSchema } from "./list.ts";
import { snakeCase } from "./model-names.ts";
import { isPending } from "./push.ts";
import { jsonBody, query } from "./validate.ts";

const KINDS = ["new", "changed", "gone"] as const;
const providerIds = Object.keys(providers) as [string, ...string[]];

const changeQuery = listSchema(["model"], "model").extend({
  kind: z.enum(KINDS).optional(),
  provider: z.enum(providerIds).optional(),
  /** Those that were dismissed, in place of those that were not. */
  dismissed: z
    .enum(["true", "false"])
    .default("false")
    .transform((word) => word === "true"),
});

const someChanges = z.strictObject({
  ids: z
    .array(z.string().regex(/^chg_[0-9a-f]{16}$/, "Must be an id like chg_…"))
    .min(1, "Must name at least one change")
    .max(500, "Must name at most 500 changes")
    .transform((given) => [...new Set(given)]),
});

const stateBody = ({ provider, attemptedAt, failure, readAt, simulated }: Omit<ModelListRow, "models">) => ({
  provider,
  attempted_at: attemptedAt.toISOString(),
  failure,
  read_at: readAt?.toISOString() ?? null,
  simulated,
});

const changeBody = ({ id, kind, model, fields, dismissed, list }: PendingChange) => ({
  id,
  kind,
  model,
  provider: providerOf({ model }),
  fields: fields.map(({ field, ...values }) => ({ field: field.split(".").map(snakeCase).join("."), ...values })),
  dismissed,
  read_at: list.readAt?.toISOString() ?? null,
  simulated: list.simulated,
});

function resultsBody(ids: readonly string[], outcomes: ReadonlyMap<string, unknown>) {
  const results = ids.map((id) => {
    const outcome = outcomes.get(id);
    return outcome instanceof GatewayError
      ? { id, status: outcome.status, error: errorBody(outcome).error }
      : { id, status: 200, error: null };
  });
  const failed = results.filter(({ error }) => error !== null).length;
  return { results, succeeded: results.length - failed, failed };
}

/** `/api/models/sync` and `/api/models/changes`: what the providers list, and what of it is taken over. For the root. */
export function modelChangeRoutes(dependencies: AdminDependencies) {
  const { database, now, random, syncModelLists } = dependencies;

  return new Hono<AdminEnv>()
    .get("/sync", async (context) => {
      atRoot(context.get("caller"));
      const lists = await readListStates(database);
      return context.json({ data: lists.map(stateBody), next_cursor: null, as_of: new Date(now()).toISOString() });
    })
    .post("/sync", async (context) => {
      const actor = atRoot(context.get("caller"));
      const { rootId } = actor;
      const reports = await syncModelLists();
      const done = reports.filter(({ outcome }) => outcome !== "failed").length;
      const outcomes = Object.fromEntries(reports.map(({ provider, outcome }) => [provider, outcome]));
      await recordAct(database, rootId, now(), {
        ...{ actor, action: "models.sync", target: rootId, organizationId: rootId, before: null, after: outcomes },
      });
      return context.json({ done, total: reports.length, failed: reports.length - done, providers: reports });
    })
    .get("/changes", query(changeQuery), async (context) => {
      const asked = context.req.valid("query");
      const at = now();
      const { changes, lists } = await pendingChanges(database, context.get("caller"), at);
      const open = changes.filter(({ dismissed }) => dismissed === asked.dismissed);
      const counts = Object.fromEntries(KINDS.map((kind) => [kind, open.filter((one) => one.kind === kind).length]));
      const { kind, provider } = asked;
      const found = open.filter(
        (one) => (kind ?? one.kind) === one.kind && (provider ?? providerOf(one)) === providerOf(one),
      );
      const order = { place: ({ model }: PendingChange) => model, id: ({ id }: PendingChange) => id };
      return context.json({
        ...listBody(memoryPage(found, order, asked), at, changeBody),
        counts: counts as Record<(typeof KINDS)[number], number>,
        lists: lists.map(stateBody),
      });
    })
    .post("/changes/accept", jsonBody(someChanges), async (context) => {
      const { ids } = context.req.valid("json");
      const actor = context.get("caller");
      const { outcomes, change } = await acceptChanges({ database, actor, now: now(), random, ids });
      const pending = change !== null && (await isPending(dependencies, context, change));
      return context.json({ ...resultsBody(ids, outcomes), pending });
    })
    .post("/changes/dismiss", jsonBody(someChanges), async (context) => {
      const { ids } = context.req.valid("json");
      const actor = context.get("caller");
      const outcomes = await dismissChanges({ database, actor, now: now(), ids, dismissed: true });
      return context.json(resultsBody(ids, outcomes));
    })
    .post("/changes/restore", jsonBody(someChanges), async (context) => {
      const { ids } = context.req.valid("json");
      const actor = context.get("caller");
      const outcomes = await dismissChanges({ database, actor, now: now(), ids, dismissed: false });
      return context.json(resultsBody(ids, outcomes));
    });
}
