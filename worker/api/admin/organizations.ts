import { Hono } from "hono";
import { z } from "zod";
import {
  changeOrganization,
  createOrganization,
  listOrganizations,
  organizationPath,
} from "../../organizations/organizations.ts";
import type { OrganizationRow } from "../../organizations/records.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { effectiveBody, settingsBody, settingsOfBody, settingsSchema } from "./organization-settings.ts";
import { isPending, pushChange } from "./push.ts";
import {
  idSchema,
  jsonBody,
  nameSchema,
  pageSchema,
  pathId,
  query,
  requireChange,
  timeZoneSchema,
} from "./validate.ts";

const newOrganization = z.strictObject({
  name: nameSchema,
  /** The caller's own organization when left out. */
  parent_id: idSchema("org").optional(),
});

const changedOrganization = z.strictObject({
  name: nameSchema.optional(),
  time_zone: timeZoneSchema.optional(),
  /** Nothing below an archived organization may spend; false takes it back. */
  archived: z.boolean().optional(),
  settings: settingsSchema.optional(),
});

/** An organization as the API shows it. */
export const organizationBody = (row: OrganizationRow) => ({
  id: row.id,
  parent_id: row.parentId,
  name: row.name,
  time_zone: row.timeZone,
  created_at: row.createdAt.toISOString(),
  archived_at: row.archivedAt?.toISOString() ?? null,
});

/** `/api/organizations`: the caller's part of the tree. */
export function organizationRoutes(dependencies: AdminDependencies) {
  const { database, now, random } = dependencies;

  return new Hono<AdminEnv>()
    .get("/", query(pageSchema), async (context) => {
      const asOf = new Date(now()).toISOString();
      const { rows, nextCursor } = await listOrganizations(database, context.get("caller"), context.req.valid("query"));
      return context.json({ data: rows.map(organizationBody), next_cursor: nextCursor, as_of: asOf });
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
      return context.json(organizationBody(organization), 201);
    })
    .get("/:id", async (context) => {
      const id = pathId("org", context.req.param("id"));
      const path = await organizationPath(database, context.get("caller"), id);
      return context.json({
        ...organizationBody(path[0]),
        settings: settingsBody(path[0]),
        effective: effectiveBody(path),
      });
    })
    .patch("/:id", jsonBody(changedOrganization), async (context) => {
      const id = pathId("org", context.req.param("id"));
      const { name, time_zone: timeZone, archived, settings } = context.req.valid("json");
      requireChange({ name, timeZone, archived, settings });
      const { organization, change } = await changeOrganization({
        database,
        actor: context.get("caller"),
        now: now(),
        id,
        input: { name, timeZone, archived, settings: settings && settingsOfBody(settings) },
      });
      const pending = await isPending(dependencies, context, change);
      return context.json({ ...organizationBody(organization), settings: settingsBody(organization), pending });
    });
}
