import { z } from "zod";
import { group } from "../../contract/operation.ts";
import { TARGET_STATES } from "../target-health.ts";
import { count, instant, page } from "./common.ts";

const figures = z.strictObject({
  from: instant.describe("The time begins here and ends now."),
  since: instant.describe(
    "Attempts since this moment were counted: later than `from` where there were too many requests to look at all.",
  ),
  attempts: count,
  failures: count.describe("Those that speak against the target: what a request was refused for by itself does not."),
  error_rate: z.number().min(0).max(1).nullable().describe("null: there was no attempt."),
  duration_ms_p50: z.int().nullable().describe("Of attempts that answered, from their own beginning."),
  duration_ms_p95: z.int().nullable(),
  series: z
    .array(z.tuple([count.describe("Attempts."), count.describe("Failures.")]))
    .describe("The time in equal parts, the last of which goes on."),
});

const target = z
  .strictObject({
    id: z.string().describe("`provider/model@credential`; nothing after the `@` for the default credential."),
    name: z.string().describe("`provider/model`, as it is sent upstream."),
    provider: z.string(),
    model: z.string(),
    credential: z.string().nullable().describe("The operator's name of a credential; null: the default one."),
    state: z
      .enum(TARGET_STATES)
      .describe(
        "`cooling`: it asked to be left alone. `failing`: its newest five attempts failed, or half of its newest twenty, the newest among them. `degraded`: its newest attempt failed, or a tenth of those of the last minutes, two at least. `untested`: nothing is known of a day. `ok`: else.",
      ),
    routes: z.array(z.string()).describe("Names of routes in sight that lead to it."),
    cooling: z
      .strictObject({
        until: instant,
        reason: z.string().nullable().describe("What it failed by, in a word that stays."),
      })
      .nullable()
      .describe("As the tenant's Ledger tells the data plane."),
    last_attempt_at: instant.nullable(),
    last_failure: z
      .strictObject({
        at: instant,
        status: z.int().nullable().describe("The provider's HTTP status; null: none came."),
        code: z.string().nullable().describe("The provider's own code, or the gateway's."),
      })
      .nullable(),
    recent: figures.describe("Of the last 15 minutes, by the minute."),
    figures: figures.nullable().describe("Of the last 24 hours, by the hour; null where they were not asked for."),
  })
  .meta({ id: "Target" });

export const targetOperations = group({
  tag: "Targets",
  about: "What stands behind routes and models: a provider's model, asked with one of the operator's credentials.",
  pathId: "ulid",
  operations: {
    "GET /api/targets": {
      id: "listTargets",
      summary: "How targets stand",
      description:
        "Those that routes in sight lead to, and those that were asked in the last day: also where another target answered in the end.",
      answers: {
        200: page(target).extend({
          total: count.describe("How many fit, on all pages."),
          cooling_known: z.boolean().describe("false: what is cooling cannot be told now."),
        }),
      },
      errors: [404],
    },
  },
});
