import { z } from "zod";
import { group } from "../../contract/operation.ts";
import { asOf, count, instant, page, ulid } from "./common.ts";

const hash = z.string().meta({ pattern: "^[0-9a-f]{64}$" });
const change = z.record(z.string(), z.unknown()).nullable();

const hashed = {
  id: z.int(),
  at: instant,
  actor: z.string(),
  actor_kind: z.enum(["user", "key", "setup", "other"]),
  action: z.string(),
  target: z.string(),
  organization_id: z.string().nullable(),
  session_id: z.string().nullable(),
  address_hash: z.string().nullable(),
  agent_hash: z.string().nullable(),
  before: change,
  after: change,
  prev_hash: hash.nullable(),
  hash,
};

const row = z
  .strictObject(hashed)
  .meta({ id: "AuditRow", description: "All that its hash covers, so that whoever has the rows can check them." });

const name = z
  .string()
  .nullable()
  .describe("As it is called now; null: it has no name, is gone, or is not yours to see.");

const listed = z
  .strictObject({ ...hashed, actor_name: name, target_name: name, organization_name: name })
  .meta({ id: "ListedAuditRow", description: "An `AuditRow`, with names that its hash does not cover." });

export const auditOperations = group({
  tag: "Audit log",
  about: "Who changed what, in a chain of hashes that shows when it was tampered with.",
  pathId: "ulid",
  operations: {
    "GET /api/audit": { id: "listAudit", summary: "List changes", answers: { 200: page(listed) }, errors: [404] },
    "GET /api/audit/verify": {
      id: "verifyAudit",
      summary: "Check the chain",
      answers: {
        200: z
          .strictObject({
            intact: z.boolean(),
            rows: count,
            first_broken: z.int().nullable(),
            last_hash: hash.nullable(),
            as_of: asOf,
          })
          .meta({ id: "AuditCheck" }),
      },
    },
    "GET /api/audit/export": {
      id: "exportAudit",
      summary: "Export changes",
      answers: {
        200: { media: { "application/x-ndjson": { description: "An `AuditRow` on each line.", schema: row } } },
      },
      errors: [404],
    },
  },
});

const reconciliation = z
  .strictObject({
    id: ulid,
    at: instant,
    outcome: z
      .enum(["agree", "differ", "skipped"])
      .describe("`skipped`: the sums agree, and the Ledger could not be compared."),
    compared: count.describe("Figures that were held against each other."),
    differences: z.array(z.record(z.string(), z.union([z.string(), z.number()]))),
  })
  .meta({ id: "Reconciliation" });

export const reconciliationOperations = group({
  tag: "Reconciliations",
  about: "How Ledger, requests and hourly sums are held against each other. For administrators of the root.",
  pathId: "ulid",
  operations: {
    "GET /api/reconciliations": {
      id: "listReconciliations",
      summary: "List comparisons",
      answers: { 200: page(reconciliation) },
    },
    "POST /api/reconciliations": {
      id: "reconcile",
      summary: "Compare the books now",
      answers: { 201: reconciliation },
    },
    "POST /api/reconciliations/repair": {
      id: "rebuildSums",
      summary: "Make hourly sums anew",
      description: "From the requests of a period.",
      answers: { 200: z.strictObject({ from: z.string(), to: z.string() }).meta({ id: "Period" }) },
    },
  },
});
