import { Hono } from "hono";
import { z } from "zod";
import { utf8 } from "../../lib/encoding.ts";
import { addressesIn } from "../../lib/ip-range.ts";
import {
  AUDIT_SORTS,
  type AuditFilter,
  type AuditRow,
  exportAudit,
  listAudit,
  verifyAudit,
} from "../../organizations/audit-log.ts";
import { auditNames } from "./audit-names.ts";
import type { AdminEnv } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { listBody, listSchema } from "./list.ts";
import { addressHashes } from "./origin.ts";
import { momentSchema, readMoment, requireTime } from "./usage-scope.ts";
import { idSchema, lineSchema, query } from "./validate.ts";

/** Of addresses the log has hashes only, so that each of a range is hashed to be looked for. */
const MOST_ADDRESSES = 256;

const filterSchema = z.strictObject({
  organization: idSchema("org").optional().describe("About this organization and those below."),
  actor: lineSchema(40).optional().describe("A user's or a key's id, or `setup`."),
  action: z
    .string()
    .max(60)
    .regex(/^[a-z_]+(\.[a-z_]+)?$/, "Must be an action like key.revoke, or what it is done to, like key")
    .optional()
    .describe("An action like `key.revoke`, or what it is done to, like `key`."),
  target: lineSchema(256).optional(),
  ip: z
    .string()
    .max(50)
    .refine(
      (text) => addressesIn(text, MOST_ADDRESSES) !== null,
      "Must be an IP address, or an IPv4 range of at most 256 addresses, like 203.0.113.0/24: only hashes are kept",
    )
    .optional()
    .describe("Requests from this address, or from a range like `203.0.113.0/24`."),
  from: momentSchema.optional(),
  to: momentSchema.optional(),
});

const listQuery = listSchema(AUDIT_SORTS, "-at").extend(filterSchema.shape);

const verifyQuery = z.strictObject({
  expected: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "Must be the hash of a row")
    .optional()
    .describe("A `last_hash` of before: the chain must still have its row."),
});

/** Days before now are UTC's, as the log's times are. */
async function filterOf(
  { organization, actor, action, target, ip, from, to }: z.output<typeof filterSchema>,
  now: number,
  secret: string,
): Promise<AuditFilter> {
  const [begins, ends] = [from, to].map((text) => (text === undefined ? undefined : readMoment(text, now, "UTC")));
  requireTime(begins, ends);
  const addresses = ip === undefined ? null : addressesIn(ip, MOST_ADDRESSES);
  return {
    ...{ organizationId: organization, actorId: actor, action, target },
    addressHashes: addresses === null ? undefined : await addressHashes(secret, addresses),
    from: begins === undefined ? undefined : new Date(begins),
    to: ends === undefined ? undefined : new Date(ends),
  };
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
  const { database, secrets, now } = dependencies;

  return new Hono<AdminEnv>()
    .get("/", query(listQuery), async (context) => {
      const { limit, cursor, sort, ...filter } = context.req.valid("query");
      const asOf = now();
      const listing = { limit, cursor, sort, ...(await filterOf(filter, asOf, secrets.masterKey)) };
      const found = await listAudit(database, context.get("caller"), listing);
      const namesOf = await auditNames(database, context.get("caller"), found.rows);
      return context.json(listBody(found, asOf, (row) => ({ ...auditBody(row), ...namesOf(row) })));
    })
    .get("/verify", query(verifyQuery), async (context) => {
      const asOf = new Date(now()).toISOString();
      const { expected } = context.req.valid("query");
      const { intact, rows, firstBroken, lastHash } = await verifyAudit(database, context.get("caller"), expected);
      return context.json({ intact, rows, first_broken: firstBroken, last_hash: lastHash, as_of: asOf });
    })
    .get("/export", query(filterSchema), async (context) => {
      const filter = await filterOf(context.req.valid("query"), now(), secrets.masterKey);
      const pieces = await exportAudit(database, context.get("caller"), filter);
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
