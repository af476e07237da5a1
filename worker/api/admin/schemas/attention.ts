import { z } from "zod";
import { group } from "../../contract/operation.ts";
import { ATTENTION_KINDS, ATTENTION_PAGES, SEVERITIES } from "../attention-items.ts";
import { asOf, count, instant } from "./common.ts";
import { sum } from "./stats.ts";

const item = z
  .strictObject({
    kind: z.enum(ATTENTION_KINDS),
    severity: z.enum(SEVERITIES),
    count: count.min(1).describe("How many there are; of `books_differ`, figures."),
    worst: z
      .array(
        z.strictObject({
          id: z.string(),
          name: z.string(),
          at: instant
            .nullable()
            .describe(
              "When a limit begins anew, a cooling, key or model ends, a target failed last, a key was used last, a webhook tried or the books compared.",
            ),
          percent: z
            .number()
            .nullable()
            .describe("Of a limit that is used up, or of a provider's requests that failed."),
          requests: sum.nullable(),
        }),
      )
      .max(5)
      .describe("The first few."),
    page: z.enum(ATTENTION_PAGES).describe("Where it can be handled."),
    query: z.string().describe("What shows them there: the query of that page's list."),
  })
  .meta({ id: "AttentionItem" });

export const attentionOperations = group({
  tag: "Attention",
  about: "What somebody should look at.",
  pathId: "ulid",
  operations: {
    "GET /api/attention": {
      id: "listAttention",
      summary: "What needs attention",
      description: "One item a kind, the most severe first; a kind with nothing to tell is left out.",
      answers: {
        200: z
          .strictObject({
            data: z.array(item),
            unknown: z
              .array(z.enum(["limits", "cooling"]))
              .readonly()
              .describe("What could not be looked at now."),
            as_of: asOf,
          })
          .meta({ id: "Attention" }),
      },
      errors: [404],
    },
  },
});
