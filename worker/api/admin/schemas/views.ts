import { z } from "zod";
import { group } from "../../contract/operation.ts";
import { id, instant, page, version } from "./common.ts";

const view = z
  .strictObject({
    id: id("viw"),
    name: z.string(),
    page: z.string().describe("Which page of the dashboard."),
    query: z.string().describe("The parameters of its URL."),
    organization_id: id("org").nullable().describe("With whom it is shared; null: with nobody."),
    own: z.boolean(),
    owner: z.strictObject({ id: id("usr"), name: z.string() }),
    created_at: instant,
    updated_at: instant,
    version,
  })
  .meta({ id: "View" });

export const viewOperations = group({
  tag: "Views",
  about: "Saved views of the dashboard's pages, of people who are signed in: their own, and those shared with them.",
  pathId: "viw",
  operations: {
    "GET /api/views": { id: "listViews", summary: "List views", answers: { 200: page(view) } },
    "POST /api/views": {
      id: "createView",
      summary: "Save a view",
      answers: { 201: view },
      errors: [404, 409],
      etag: true,
    },
    "GET /api/views/:id": { id: "getView", summary: "Get a view", answers: { 200: view }, etag: true },
    "PATCH /api/views/:id": {
      id: "updateView",
      summary: "Change a view",
      description: "What is not named stays. Another's is for administrators where it is shared.",
      answers: { 200: view },
      errors: [409],
      etag: true,
      ifMatch: true,
    },
    "DELETE /api/views/:id": {
      id: "deleteView",
      summary: "Delete a view",
      answers: { 204: null },
      errors: [409],
      ifMatch: true,
    },
  },
});

export const playgroundOperations = group({
  tag: "Playground",
  about: "How the dashboard's own page asks models, in a member's name.",
  pathId: "key",
  operations: {
    "POST /api/playground/token": {
      id: "createPlaygroundToken",
      summary: "Take a token for the playground",
      description:
        "Good for ten minutes in place of a key, as long as the session lives and the member may ask models. What it asks is bound by the organization's limits and models, and counted for the member.",
      answers: {
        200: z
          .strictObject({
            token: z.string().describe("Send it as `Authorization: Bearer`. Never in a URL."),
            expires_at: instant,
            organization_id: id("org"),
            key_id: id("key").describe("The key that the requests are counted for."),
          })
          .meta({ id: "PlaygroundToken" }),
      },
      errors: [404, 409],
    },
  },
});
