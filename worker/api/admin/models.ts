import { Hono } from "hono";
import { z } from "zod";
import { factsFields, factsPatchSchema } from "../../catalog/model-facts-schema.ts";
import { GatewayError } from "../../errors.ts";
import { switchModels } from "../../organizations/model-access.ts";
import { changeModel, createModel, modelStanding, removeModel } from "../../organizations/models.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { errorBody } from "./errors.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { listBody } from "./list.ts";
import { modelFiguresBody, readModelUsage } from "./model-figures.ts";
import { factsOfBody } from "./model-names.ts";
import { modelQuery, needsUsage, pageOfModels } from "./model-query.ts";
import { type ModelView, modelBody, viewModel, viewModels } from "./model-view.ts";
import { isPending } from "./push.ts";
import { idSchema, jsonBody, modelSchema, query, requireChange } from "./validate.ts";

const oneQuery = z.strictObject({ organization: idSchema("org").optional() });

const newModel = z.strictObject({ model: modelSchema, ...factsFields });

const bulkSwitch = z.strictObject({
  action: z.enum(["enable", "disable"]),
  organization_id: idSchema("org")
    .optional()
    .describe("It holds for this organization and those below; the caller's own when left out."),
  models: z
    .array(modelSchema)
    .min(1, "Must name at least one model")
    .max(500, "Must name at most 500 models")
    .transform((given) => [...new Set(given)]),
});

/** The model that a path names; its slashes are escaped (`openai%2Fgpt-6-sol`). */
function pathModel(id: string | undefined): string {
  const parsed = modelSchema.safeParse(id);
  if (parsed.success) return parsed.data;
  throw new GatewayError("invalid_id", "This is not a model's id: one is {provider}%2F{model}.", { param: "id" });
}

/** `/api/models`: what is known of models, by whom, what they cost, and who may use them. */
export function modelRoutes(dependencies: AdminDependencies) {
  const { database, now, random } = dependencies;

  /** A model as an organization has it; its root where none is named. */
  async function viewed(context: AdminContext, id: string, organizationId?: string) {
    const caller = context.get("caller");
    const standing = await modelStanding(database, caller, organizationId ?? caller.organizationId);
    return viewModel(standing, id, now());
  }

  /** An act on the model of the path. */
  const act = (context: AdminContext) => ({
    ...{ database, actor: context.get("caller"), now: now() },
    ...{ model: pathModel(context.req.param("id")), check: ifMatch(context) },
  });

  return new Hono<AdminEnv>()
    .get("/", query(modelQuery), async (context) => {
      const caller = context.get("caller");
      const asked = context.req.valid("query");
      const at = now();
      const { organization } = asked;
      const [standing, usage] = await Promise.all([
        modelStanding(database, caller, organization ?? caller.organizationId),
        needsUsage(asked) ? readModelUsage(dependencies, caller, { at, organization }) : null,
      ]);
      const page = pageOfModels(viewModels(standing, at), asked, usage);
      const body = (view: ModelView) => ({
        ...modelBody(view),
        figures: asked.figures && usage ? modelFiguresBody(view.model.id, usage) : null,
      });
      return context.json({ ...listBody(page, at, body), total: page.total });
    })
    .post("/", jsonBody(newModel), async (context) => {
      const { model, ...facts } = context.req.valid("json");
      const actor = context.get("caller");
      const made = { database, actor, now: now(), random, model, facts: factsOfBody(facts) };
      const { row, change } = await createModel(made);
      const pending = await isPending(dependencies, context, change);
      sendVersion(context, row.version);
      return context.json({ ...modelBody(await viewed(context, model)), pending }, 201);
    })
    .post("/bulk", jsonBody(bulkSwitch), async (context) => {
      const { action, organization_id, models } = context.req.valid("json");
      const actor = context.get("caller");
      const organizationId = organization_id ?? actor.organizationId;
      const { outcomes, change } = await switchModels({
        ...{ database, actor, now: now(), organizationId, models, enable: action === "enable" },
      });
      const pending = change !== null && (await isPending(dependencies, context, change));
      const results = models.map((id) => {
        const error = outcomes.get(id) ?? null;
        return { id, status: error?.status ?? 200, error: error && errorBody(error).error };
      });
      const failed = results.filter(({ error }) => error !== null).length;
      return context.json({
        organization_id: organizationId,
        results,
        succeeded: results.length - failed,
        failed,
        pending,
      });
    })
    .get("/:id", query(oneQuery), async (context) => {
      const id = pathModel(context.req.param("id"));
      const view = await viewed(context, id, context.req.valid("query").organization);
      sendVersion(context, view.row?.version ?? 0);
      return context.json(modelBody(view));
    })
    .patch("/:id", jsonBody(factsPatchSchema), async (context) => {
      const body = context.req.valid("json");
      requireChange(body);
      const acting = act(context);
      const { row, change } = await changeModel({ ...acting, random, facts: factsOfBody(body) });
      const pending = await isPending(dependencies, context, change);
      sendVersion(context, row.version);
      return context.json({ ...modelBody(await viewed(context, acting.model)), pending });
    })
    .delete("/:id", async (context) => {
      const acting = act(context);
      const { change } = await removeModel(acting);
      return context.json({ id: acting.model, removed: true, pending: await isPending(dependencies, context, change) });
    });
}
