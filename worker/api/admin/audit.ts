import { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import { utf8 } from "../../lib/encoding.ts";
import {
  AUDIT_SORTS,
  type AuditFilter,
  type AuditRow,
  exportAudit,
  listAudit,
  verifyAudit,
} from "../../organizations/audit-log.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { listBody, listSchema } from "./list.ts";
import { idSchema, instantSchema, lineSchema, query } from "./validate.ts";

const filterSchema = z.strictObject({
  /** About this organization and those below. */
  organization: idSchema("org").optional(),
  /** A user's or a key's id, or `setup`. */
  actor: lineSchema(40).optional(),
  action: z
    .string()
    .max(60)
    .regex(/^[a-z_]+(\.[a-z_]+)?$/, "Must be an action like key.revoke, or what it is done to, like key")
    .optional(),
  target: lineSchema(256).optional(),
  from: instantSchema.optional(),
  to: instantSchema.optional(),
});

const listQuery = listSchema(AUDIT_SORTS, "-at").extend(filterSchema.shape);

const verifyQuery = z.strictObject({
  /** A `last_hash` of before: the chain must still have its row. */
  expected: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "Must be the hash of a row")
    .optional(),
});

function filterOf({ organization, actor, action, target, from, to }: z.output<typeof filterSchema>): AuditFilter {
  if (from && to && to <= from) {
    throw new GatewayError("invalid_value", "Must be later than 'from'.", { param: "to" });
  }
  return { organizationId: organization, actorId: actor, action, target, from, to };
}

/** Who it is, by the form of the id. */
function kindOf(actor: string): "user" | "key" | "setup" | "other" {
  if (actor === "setup") return "setup";
  if (actor.startsWith("usr_")) return "user";
  return actor.startsWith("key_") ? "key" : "other";
}

/** A row as the API shows it: all that its hash covers, so that whoever has the rows can check them. */
const auditBody = (row: AuditRow) => ({
  id: row.id,
  at: row.at.toISOString(),
  actor: row.actor,
  actor_kind: kindOf(row.actor),
  action: row.action,
  target: row.target,
  organization_id: row.organizationId,
  session_id: row.sessionId,
  address_hash: row.addressHash,
  agent_hash: row.agentHash,
  before: row.before as Record<string, unknown> | null,
  after: row.after as Record<string, unknown> | null,
  prev_hash: row.prevHash,
  hash: row.hash,
});

/** `/api/audit`: who changed what. */
export function auditRoutes(dependencies: AdminDependencies) {
  const { database, now } = dependencies;

  return new Hono<AdminEnv>()
    .get("/", query(listQuery), async (context) => {
      const { limit, cursor, sort, ...filter } = context.req.valid("query");
      const asOf = now();
      const listing = { limit, cursor, sort, ...filterOf(filter) };
      return context.json(listBody(await listAudit(database, context.get("caller"), listing), asOf, auditBody));
    })
    .get("/verify", query(verifyQuery), async (context) => {
      const asOf = new Date(now()).toISOString();
      const { expected } = context.req.valid("query");
      const { intact, rows, firstBroken, lastHash } = await verifyAudit(database, context.get("caller"), expected);
      return context.json({ intact, rows, first_broken: firstBroken, last_hash: lastHash, as_of: asOf });
    })
    .get("/export", query(filterSchema), async (context) => {
      const pieces = await exportAudit(database, context.get("caller"), filterOf(context.req.valid("query")));
      // What fails before the first line is an error like any other; later it can only break the answer off.
      let piece = await pieces.next();
      const lines = new ReadableStream<Uint8Array>({
        async pull(controller) {
          if (piece.done) return controller.close();
          const { value } = piece;
          piece = await pieces.next();
          controller.enqueue(utf8(value.map((row) => `${JSON.stringify(auditBody(row))}\n`).join("")));
        },
      });
      return context.body(lines, 200, {
        "content-type": "application/x-ndjson",
        "content-disposition": 'attachment; filename="audit.jsonl"',
      });
    });
}
