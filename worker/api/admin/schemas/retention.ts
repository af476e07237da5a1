import { z } from "zod";
import { group } from "../../contract/operation.ts";
import { count, instant } from "./common.ts";

const retention = z
  .strictObject({
    days: count.nullable().describe("The tenant's own wish; null: as long as the operator keeps all requests."),
    least_days: count,
    operator_months: count
      .nullable()
      .describe("For how many whole months the operator keeps requests; null: for ever."),
    requests_since: instant.nullable().describe("Requests that started from then on are in the log; null: all are."),
  })
  .meta({ id: "Retention" });

export const retentionOperations = group({
  tag: "Retention",
  about: "For how long requests are kept in the log. Sums of what is deleted stay. For administrators of the root.",
  pathId: "ulid",
  operations: {
    "GET /api/retention": {
      id: "getRetention",
      summary: "For how long requests are kept",
      answers: { 200: retention },
      etag: true,
    },
    "PUT /api/retention": {
      id: "setRetention",
      summary: "Keep requests for fewer days than the operator does",
      answers: { 200: retention },
      etag: true,
      ifMatch: true,
    },
    "POST /api/retention/erase": {
      id: "eraseEndUser",
      summary: "Delete all traces of one end user",
      description: "A call deletes what it can in its time: send it again until no day is left.",
      answers: {
        200: z
          .strictObject({ days_left: count.describe("Days on which there still is something of them.") })
          .meta({ id: "Erasure" }),
      },
    },
  },
});
