import type { ExtractSchema } from "hono/types";
import type { z } from "zod";
import type { AdminOperation, OperationGroup } from "../../contract/operation.ts";
import type { AdminApi } from "../api.ts";
import { accountOperations, signInOperations } from "./account.ts";
import { attentionOperations } from "./attention.ts";
import { auditOperations, reconciliationOperations } from "./books.ts";
import { keyOperations } from "./keys.ts";
import { limitOperations } from "./limits.ts";
import { modelOperations } from "./models.ts";
import { organizationOperations } from "./organizations.ts";
import { inviteOperations, memberOperations } from "./people.ts";
import { priceOperations } from "./prices.ts";
import { requestOperations } from "./requests.ts";
import { retentionOperations } from "./retention.ts";
import { routeOperations } from "./routes.ts";
import { secondFactorOperations } from "./second-factors.ts";
import { statsOperations } from "./stats.ts";
import { targetOperations } from "./targets.ts";
import { playgroundOperations, viewOperations } from "./views.ts";
import { webhookOperations } from "./webhooks.ts";

const GROUPS = [
  signInOperations,
  accountOperations,
  secondFactorOperations,
  organizationOperations,
  memberOperations,
  inviteOperations,
  keyOperations,
  limitOperations,
  routeOperations,
  targetOperations,
  modelOperations,
  priceOperations,
  requestOperations,
  statsOperations,
  attentionOperations,
  retentionOperations,
  viewOperations,
  playgroundOperations,
  webhookOperations,
  auditOperations,
  reconciliationOperations,
] as const;

type Union<All> = (All extends unknown ? (one: All) => void : never) extends (one: infer Every) => void ? Every : never;
type Operations = Union<(typeof GROUPS)[number]["operations"]>;

/** What handlers answer as JSON, by route, as their types have it. */
type Answered<Route> = Route extends `${infer Method} ${infer Path}`
  ? Path extends keyof ExtractSchema<AdminApi>
    ? `$${Lowercase<Method>}` extends keyof ExtractSchema<AdminApi>[Path]
      ? Extract<
          ExtractSchema<AdminApi>[Path][`$${Lowercase<Method>}`],
          { output: unknown; outputFormat: "json" }
        >["output"]
      : never
    : never
  : never;

/** What the contract says they answer. */
type Said<Answers> = {
  [Status in keyof Answers]: Answers[Status] extends z.ZodType ? z.output<Answers[Status]> : never;
}[keyof Answers];

/** The routes whose handlers answer something that their schemas do not allow. */
type Wrong = {
  [Route in keyof Operations]: Operations[Route] extends { answers: infer Answers }
    ? [Answered<Route>] extends [Said<Answers>]
      ? never
      : Route
    : never;
}[keyof Operations];

/** Does not compile while there is one, and names it. */
type Checked<_Wrong extends never> = readonly OperationGroup<AdminOperation>[];

/** Every route of the management API in the contract, by resource. */
export const ADMIN_OPERATIONS: Checked<Wrong> = GROUPS;
