import { expect, test } from "vitest";
import { REQUESTS } from "../../support/translation/corpus.ts";
import { type TypedBody, typeErrors, withoutAdditions } from "../../support/translation/request-types.ts";
import { DIALECT_IDS } from "../../support/translation/run-dialect.ts";
import { MODELS, translateRequest } from "../../support/translation/translate-request.ts";

test("translated requests are of the types of the vendors' SDKs", async () => {
  const bodies: TypedBody[] = [];
  for (const request of REQUESTS) {
    for (const dialect of DIALECT_IDS.filter((id) => id !== request.dialect)) {
      for (const model of MODELS[dialect]) {
        const { body } = await translateRequest(request, dialect, model);
        if (body === null) continue;
        const theirs = dialect === "openai-chat" && !model.startsWith("openai/");
        const typed = theirs ? withoutAdditions(body) : body;
        bodies.push({ name: `${request.name} to ${model}`, dialect, body: typed });
      }
    }
  }
  expect(bodies.length).toBeGreaterThan(100);
  expect(await typeErrors(bodies)).toEqual([]);
}, 120_000);

test("a body that is not of its type is found", async () => {
  const wrong: TypedBody[] = [
    { name: "chat", dialect: "openai-chat", body: { model: "m", messages: [], unheard_of: 1 } },
    {
      name: "responses",
      dialect: "openai-responses",
      body: { input: [{ role: "user", content: [{ type: "text" }] }] },
    },
    { name: "messages", dialect: "anthropic-messages", body: { model: "m", max_tokens: "1", messages: [] } },
    { name: "gemini", dialect: "google-generate-content", body: { contents: [{ parts: [{ inline_data: {} }] }] } },
  ];
  const found = await typeErrors(wrong);
  expect(found.map((error) => error.split(":")[0])).toEqual(["messages", "gemini", "chat", "responses"]);
}, 120_000);
