import { Hono } from "hono";
import { z } from "zod";
import { holdsSecret } from "../../lib/mask.ts";
import { getView, listViews, VIEW_SORTS, type View, type Viewer } from "../../organizations/view-list.ts";
import { changeView, createView, removeView } from "../../organizations/views.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { listBody, listSchema } from "./list.ts";
import { personOf } from "./person.ts";
import { idSchema, jsonBody, nameSchema, pathId, query, requireChange, searchSchema } from "./validate.ts";

/** The dashboard's pages that have something to remember. */
const VIEW_PAGES = [
  "overview",
  "logs",
  "usage",
  "playground",
  "keys",
  "organizations",
  "members",
  "budgets",
  "routes",
  "models",
  "providers",
  "audit",
] as const;

const LONGEST_QUERY = 4_096;

const pageName = z.enum(VIEW_PAGES);

/** What stands behind the `?` of a page's URL. */
const queryText = z
  .string()
  .max(LONGEST_QUERY, `Must have at most ${LONGEST_QUERY} characters`)
  .regex(/^(?!\?)[!"$-~]*$/, "Must be a URL's query as browsers write it: no ? before it, no # after it, no spaces")
  .refine(
    (text) => ![...new URLSearchParams(text)].flat().some(holdsSecret),
    "Must hold no key, token or password: others may read it",
  )
  .describe("The URL's parameters, as they stand behind `?`. No secrets.");

const sharedWith = idSchema("org")
  .nullable()
  .describe("Shared with those who stand on this organization, above or below it; null: with nobody.");

const newView = z.strictObject({
  name: nameSchema,
  page: pageName,
  query: queryText,
  organization_id: sharedWith.default(null),
});

const changedView = z.strictObject({
  name: nameSchema.optional(),
  page: pageName.optional(),
  query: queryText.optional(),
  organization_id: sharedWith.optional(),
});

const viewQuery = listSchema(VIEW_SORTS, "name").extend({
  page: pageName.optional(),
  q: searchSchema.optional().describe("Part of a name."),
});

const viewBody = (row: View, viewer: Viewer) => ({
  id: row.id,
  name: row.name,
  page: row.page,
  query: row.query,
  organization_id: row.organizationId,
  own: row.userId === viewer.id,
  owner: { id: row.userId, name: row.ownerName },
  created_at: row.createdAt.toISOString(),
  updated_at: row.updatedAt.toISOString(),
  version: row.version,
});

/** `/api/views`: what people save of the dashboard's pages, for themselves or for their organization. */
export function viewRoutes({ database, now, random }: AdminDependencies) {
  const viewerOf = (context: AdminContext): Viewer => {
    const caller = context.get("caller");
    return { ...caller, shares: caller.can.has("own_keys:write"), manages: caller.can.has("organizations:write") };
  };
  const idOf = (context: AdminContext) => pathId("viw", context.req.param("id") ?? "");
  const answer = (context: AdminContext, view: View) => {
    sendVersion(context, view.version);
    return viewBody(view, viewerOf(context));
  };

  return new Hono<AdminEnv>()
    .get("/", query(viewQuery), async (context) => {
      const [viewer, at] = [viewerOf(context), now()];
      const found = await listViews(database, viewer, context.req.valid("query"));
      return context.json(listBody(found, at, (row) => viewBody(row, viewer)));
    })
    .post("/", jsonBody(newView), async (context) => {
      const { organization_id: organizationId, ...same } = context.req.valid("json");
      const ownerName = personOf(context).user.name;
      const act = { database, viewer: viewerOf(context), now: now(), random, ownerName };
      return context.json(answer(context, await createView({ ...act, terms: { ...same, organizationId } })), 201);
    })
    .get("/:id", async (context) =>
      context.json(answer(context, await getView(database, viewerOf(context), idOf(context)))),
    )
    .patch("/:id", jsonBody(changedView), async (context) => {
      const id = idOf(context);
      const { organization_id: organizationId, ...same } = context.req.valid("json");
      requireChange({ organizationId, ...same });
      const terms = Object.fromEntries(
        Object.entries({ organizationId, ...same }).filter(([, value]) => value !== undefined),
      );
      const act = { database, viewer: viewerOf(context), now: now(), id, terms, check: ifMatch(context) };
      return context.json(answer(context, await changeView(act)));
    })
    .delete("/:id", async (context) => {
      const act = { database, viewer: viewerOf(context), now: now(), id: idOf(context), check: ifMatch(context) };
      await removeView(act);
      return context.body(null, 204);
    });
}
