import { z } from "zod";
import { LIMIT_METRICS, LIMIT_WINDOWS } from "../../canonical/tenant.ts";
import type { LimitStatus } from "../../ledger/contract.ts";
import { memoryPage, type Place } from "../../lib/memory-page.ts";
import type { Page } from "../../lib/page.ts";
import { limitsOfBranch, type PlacedLimit } from "../../organizations/branch-limits.ts";
import type { AdminContext } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import {
  isBudget,
  LIMIT_KINDS,
  LIMIT_LEVELS,
  levelOf,
  percentUsed,
  reachesAmountAt,
  standingBody,
} from "./limit-status.ts";
import { limitBody } from "./limit-terms.ts";
import { listSchema } from "./list.ts";
import { requireStandings } from "./read-standings.ts";
import { idSchema, searchSchema } from "./validate.ts";

const STANDING_SORTS = ["percent_used", "name", "reaches_amount_at"] as const;

export const standingQuery = listSchema(STANDING_SORTS, "-percent_used").extend({
  organization: idSchema("org").optional().describe("Of this organization, those below, and their keys."),
  node: z.enum(["organization", "key"]).optional().describe("What it stands on."),
  metric: z.enum(LIMIT_METRICS).optional(),
  window: z.enum(LIMIT_WINDOWS).optional(),
  mode: z.enum(["block", "warn"]).optional(),
  kind: z
    .enum(LIMIT_KINDS)
    .optional()
    .describe("`budget`: for a day or longer. `rate`: for a minute, an hour, or requests at a time."),
  level: z.enum(LIMIT_LEVELS).optional().describe("`near`: used up by 90 %. `over`: nothing is left."),
  q: searchSchema.optional().describe("Part of the name of what it stands on."),
});

/** A limit, what it stands on, and how it stands. */
export interface StandingLimit {
  row: PlacedLimit;
  status: LimitStatus;
}

const nameOf = ({ keyName, organizationName }: PlacedLimit): string => keyName ?? organizationName;

/**
 * How every limit of a branch stands by the Ledger's own count. One that the Ledger does not know yet is left out. Throws
 * `not_found`, `ledger_unavailable`, and `invalid_value` where they are too many.
 */
export async function standingsOfBranch(
  dependencies: AdminDependencies,
  context: AdminContext,
  organization: string | undefined,
): Promise<StandingLimit[]> {
  const rows = await limitsOfBranch(dependencies.database, context.get("caller"), organization);
  if (rows.length === 0) return [];
  const nodes = rows.map(({ keyId, organizationId }) => keyId ?? organizationId);
  const statuses = await requireStandings(dependencies, context, nodes);
  const byId = new Map(statuses.map((status) => [status.limit.id, status]));
  return rows.flatMap((row) => {
    const status = byId.get(row.id);
    return status === undefined ? [] : [{ row, status }];
  });
}

function fits({ row, status }: StandingLimit, asked: z.output<typeof standingQuery>): boolean {
  const { node, metric, window, mode, kind, level, q } = asked;
  return (
    (node === undefined || (row.keyId === null) === (node === "organization")) &&
    (metric === undefined || row.metric === metric) &&
    (window === undefined || row.window === window) &&
    (mode === undefined || row.mode === mode) &&
    (kind === undefined || isBudget(status) === (kind === "budget")) &&
    (level === undefined || levelOf(status) === level) &&
    (q === undefined || nameOf(row).toLowerCase().includes(q.toLowerCase()))
  );
}

/** A page of the limits that fit, and how many do. Throws CursorError. */
export function pageOfStandings(
  standings: readonly StandingLimit[],
  asked: z.output<typeof standingQuery>,
  now: number,
): Page<StandingLimit> & { total: number } {
  const places: Record<(typeof STANDING_SORTS)[number], (one: StandingLimit) => Place> = {
    percent_used: ({ status }) => percentUsed(status),
    name: ({ row }) => nameOf(row).toLowerCase(),
    reaches_amount_at: ({ status }) => reachesAmountAt(status, now),
  };
  const found = standings.filter((one) => fits(one, asked));
  const order = { place: places[asked.sort.by], id: ({ row }: StandingLimit) => row.id };
  return { ...memoryPage(found, order, asked), total: found.length };
}

/** A limit of a list of all of them: how it stands, where, and what it does. */
export function standingLimitBody({ row, status }: StandingLimit, now: number) {
  const { override, fallback, thresholds, version } = limitBody(row);
  const reaches = reachesAmountAt(status, now);
  const kind = row.keyId === null ? ("organization" as const) : ("key" as const);
  return {
    ...standingBody(status, { id: row.keyId ?? row.organizationId, kind, name: nameOf(row) }),
    organization_id: row.organizationId,
    organization_name: row.organizationName,
    time_zone: row.timeZone,
    kind: isBudget(status) ? ("budget" as const) : ("rate" as const),
    level: levelOf(status),
    reaches_amount_at: reaches === null ? null : new Date(reaches).toISOString(),
    ...{ override, fallback, thresholds, version },
  };
}
