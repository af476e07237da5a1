import { Hono } from "hono";
import { z } from "zod";
import { usdFromNano } from "../../lib/money.ts";
import { impactOf } from "../../organizations/impact.ts";
import { listOrganizations, ORGANIZATION_SORTS } from "../../organizations/list-organizations.ts";
import { moveOrganization } from "../../organizations/move-organization.ts";
import { changeOrganization, createOrganization, organizationPath } from "../../organizations/organizations.ts";
import type { OrganizationRow } from "../../organizations/records.ts";
import { removeOrganization } from "../../organizations/remove-organization.ts";
import { standingFor } from "../../organizations/standing.ts";
import type { AdminContext, AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { figuresField, listSchema } from "./list.ts";
import { organizationFigures } from "./organization-figures.ts";
import { effectiveBody, settingsBody, settingsOfBody, settingsSchema } from "./organization-settings.ts";
import { archivedBy, previewBody, standingBody } from "./organization-standing.ts";
import { isPending, pushChange } from "./push.ts";
import {
  idSchema,
  jsonBody,
  nameSchema,
  nameSearchSchema,
  pathId,
  query,
  requireChange,
  timeZoneSchema,
} from "./validate.ts";

const newOrganization = z.strictObject({
  name: nameSchema,
  parent_id: idSchema("org").optional().describe("The caller's own organization when left out."),
});

const changedOrganization = z.strictObject({
  name: nameSchema.optional(),
  time_zone: timeZoneSchema.optional().describe("IANA name; windows of days, weeks and months follow its clocks."),
  archived: z.boolean().optional().describe("Nothing below an archived organization may spend; false takes it back."),
  settings: settingsSchema.optional().describe("null: inherited from now on; left out: as it is."),
});

/** An organization as the API shows it. */
export const organizationBody = (row: OrganizationRow) => ({
  id: row.id,
  parent_id: row.parentId,
  name: row.name,
  time_zone: row.timeZone,
  created_at: row.createdAt.toISOString(),
  archived_at: row.archivedAt?.toISOString() ?? null,
  version: row.version,
});

const figuresQuery = z.strictObject({ figures: figuresField });

const listQuery = listSchema(ORGANIZATION_SORTS, "-created_at").extend({
  parent: idSchema("org").optional().describe("Those right below this organization."),
  q: nameSearchSchema.optional().describe("Some of its name, or its id."),
  figures: figuresField,
});

const movedOrganization = z.strictObject({
  parent_id: idSchema("org").describe("Where it is to stand."),
  dry_run: z.boolean().default(true).describe("A preview, which writes nothing, unless it is false."),
});

/** `/api/organizations`: the caller's part of the tree. */
export function organizationRoutes(dependencies: AdminDependencies) {
  const { database, now, random } = dependencies;
  /** An act on the organization of the path. */
  const act = (context: AdminContext) => ({
    ...{ database, actor: context.get("caller"), now: now() },
    ...{ id: pathId("org", context.req.param("id") ?? ""), check: ifMatch(context) },
  });

  async function setArchived(context: AdminContext, archived: boolean) {
    const action = archived ? "organization.archive" : "organization.restore";
    const { organization, change } = await changeOrganization({ ...act(context), input: { archived }, action });
    const pending = await isPending(dependencies, context, change);
    sendVersion(context, organization.version);
    return { ...organizationBody(organization), pending };
  }

  return new Hono<AdminEnv>()
    .get("/", query(listQuery), async (context) => {
      const { parent: parentId, figures: wanted, ...listing } = context.req.valid("query");
      const asOf = new Date(now()).toISOString();
      const found = await listOrganizations(database, context.get("caller"), { ...listing, parentId });
      const shown = [...found.rows, ...found.ancestors];
      const figures = wanted ? await organizationFigures(dependencies, context, shown) : null;
      const body = (row: (typeof shown)[number]) => ({
        ...organizationBody(row),
        children: row.children,
        figures: figures?.get(row.id) ?? null,
      });
      const [data, ancestors] = [found.rows.map(body), found.ancestors.map(body)];
      return context.json({ data, ancestors, next_cursor: found.nextCursor, as_of: asOf });
    })
    .post("/", jsonBody(newOrganization), async (context) => {
      const actor = context.get("caller");
      const { name, parent_id: parentId } = context.req.valid("json");
      const { organization, change } = await createOrganization({
        database,
        actor,
        random,
        now: now(),
        input: { name, parentId },
      });
      await pushChange(dependencies, { ...actor, requestId: context.get("requestId") }, change);
      sendVersion(context, organization.version);
      return context.json(organizationBody(organization), 201);
    })
    .get("/:id", query(figuresQuery), async (context) => {
      const id = pathId("org", context.req.param("id"));
      const path = await organizationPath(database, context.get("caller"), id);
      const wanted = context.req.valid("query").figures;
      const figures = wanted ? await organizationFigures(dependencies, context, [path[0]]) : null;
      sendVersion(context, path[0].version);
      return context.json({
        ...organizationBody(path[0]),
        archived_by: archivedBy(path),
        settings: settingsBody(path[0]),
        effective: effectiveBody(path),
        figures: figures?.get(id) ?? null,
      });
    })
    .get("/:id/effective", async (context) => {
      const at = now();
      const id = pathId("org", context.req.param("id"));
      const { path, standing } = await standingFor(database, context.get("caller"), { id, now: at });
      return context.json({
        organization_id: id,
        archived_by: archivedBy(path),
        settings: effectiveBody(path),
        ...standingBody(standing),
        as_of: new Date(at).toISOString(),
      });
    })
    .get("/:id/impact", async (context) => {
      const at = now();
      const id = pathId("org", context.req.param("id"));
      const impact = await impactOf(database, context.get("caller"), id, at);
      const { organizations, keys, members, since, requests, costNano, lastUsedAt } = impact;
      return context.json({
        ...{ organizations, keys, members },
        last_24h: {
          since: since.toISOString(),
          requests,
          cost_nano: costNano,
          cost_usd: usdFromNano(costNano),
        },
        last_used_at: lastUsedAt?.toISOString() ?? null,
        as_of: new Date(at).toISOString(),
      });
    })
    .post("/:id/move", jsonBody(movedOrganization), async (context) => {
      const { parent_id: parentId, dry_run: dryRun } = context.req.valid("json");
      const { preview, change } = await moveOrganization({ ...act(context), parentId, dryRun });
      const pending = change !== null && (await isPending(dependencies, context, change));
      const { organization } = preview;
      sendVersion(context, organization.version);
      return context.json({
        dry_run: dryRun,
        organization: organizationBody(organization),
        ...previewBody(preview),
        pending,
      });
    })
    .post("/:id/archive", async (context) => context.json(await setArchived(context, true)))
    .post("/:id/restore", async (context) => context.json(await setArchived(context, false)))
    .delete("/:id", async (context) => {
      const removing = act(context);
      const { change } = await removeOrganization(removing);
      const pending = await isPending(dependencies, context, change);
      return context.json({ id: removing.id, removed: true, pending });
    })
    .patch("/:id", jsonBody(changedOrganization), async (context) => {
      const { name, time_zone: timeZone, archived, settings } = context.req.valid("json");
      requireChange({ name, timeZone, archived, settings });
      const { organization, change } = await changeOrganization({
        ...act(context),
        input: { name, timeZone, archived, settings: settings && settingsOfBody(settings) },
      });
      const pending = await isPending(dependencies, context, change);
      sendVersion(context, organization.version);
      return context.json({ ...organizationBody(organization), settings: settingsBody(organization), pending });
    });
}
