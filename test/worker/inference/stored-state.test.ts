import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { Visit } from "../sdk/visit.ts";

/** What Responses keeps at OpenAI, and nobody else does. */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

const warningsOf = (visit: Visit, at = 0) => visit.seen[at]?.headers.get("x-gaia-warnings") ?? null;

/** Translated to Messages, Gemini and Chat; relayed to a host that keeps nothing. */
const STATELESS = [
  "anthropic/claude-haiku-4-5",
  "google/gemini-3.6-flash",
  "compatible/some-model",
  "openrouter/openai/gpt-6.1-sol",
];

test("OpenAI goes on from what it kept", async () => {
  const visit = new Visit(gateway);
  const client = visit.openai();
  const model = "openai/gpt-4.1";
  const first = await client.responses.create({ model, input: visit.marker });
  expect(first).toHaveProperty("store", true);
  const second = await client.responses.create({ model, input: "and?", previous_response_id: first.id });
  expect(second.previous_response_id).toBe(first.id);
  expect(warningsOf(visit, 0)).toBeNull();
  const books = await visit.books(1);
  expect(books[0]?.body).toEqual({ model: "gpt-4.1", input: visit.marker });
});

describe.each(STATELESS)("%s", (model) => {
  test.concurrent.each([
    ["previous_response_id", "resp_1"],
    ["conversation", "conv_1"],
    ["prompt", { id: "pmpt_1" }],
    ["background", true],
  ])("%s is refused by name, before anything is sent", async (name, value) => {
    const visit = new Visit(gateway);
    const asked = visit.openai().responses.create({ model, input: visit.marker, [name]: value } as never);
    const error = await asked.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ status: 400, code: "state_unsupported", param: name });
    expect((error as Error).message).toContain(`'${name}'`);
    expect(await visit.books(0)).toEqual([]);
  });

  test.concurrent.each([false, true])("store: true is taken for false, and said, stream: %s", async (stream) => {
    const visit = new Visit(gateway);
    const asked = { model, input: visit.marker, store: true };
    const answered = stream
      ? await visit.openai().responses.stream(asked).finalResponse()
      : await visit.openai().responses.create(asked);
    expect(answered).toMatchObject({ status: "completed", store: false });
    expect(warningsOf(visit)).toBe("not_stored@store");
    const [entry] = await visit.books(1);
    expect(entry?.body).not.toHaveProperty("store", true);
  });

  test.concurrent("strict mode refuses it", async () => {
    const visit = new Visit(gateway);
    const asked = visit
      .openai()
      .responses.create({ model, input: visit.marker, store: true }, { headers: { "x-gaia-strict": "true" } });
    await expect(asked).rejects.toMatchObject({ status: 400, code: "translation_loss", param: "store" });
    expect(await visit.books(0)).toEqual([]);
  });

  test.concurrent("nothing is said where nothing was asked for", async () => {
    const visit = new Visit(gateway);
    for (const more of [{}, { store: false }, { background: false, previous_response_id: null }]) {
      const answered = await visit.openai().responses.create({ model, input: visit.marker, ...more });
      expect(answered).toHaveProperty("store", false);
    }
    expect(visit.seen.map((_, at) => warningsOf(visit, at))).toEqual([null, null, null]);
  });
});

test("an item that only OpenAI can look up is refused elsewhere", async () => {
  const visit = new Visit(gateway);
  const asked = visit.openai().responses.create({
    model: "anthropic/claude-haiku-4-5",
    input: [
      { type: "item_reference", id: "msg_1" },
      { role: "user", content: visit.marker },
    ],
  });
  await expect(asked).rejects.toMatchObject({ status: 400, code: "state_unsupported", param: "input[0]" });
});

test("a relay to a host that keeps nothing changes that one word and no other byte", async () => {
  const visit = new Visit(gateway);
  const body = (store: boolean, model: string) => `{ "model":"${model}", "store" : ${store},"input":"${visit.marker}"}`;
  const response = await fetch(`${gateway.url}/v1/responses`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.apiKey}`, "content-type": "application/json" },
    body: body(true, "openrouter/openai/gpt-6.1-sol"),
  });
  expect(response.status).toBe(200);
  const [entry] = await visit.books(1);
  expect(entry?.bodyBytes).toBe(Buffer.byteLength(body(false, "openai/gpt-6.1-sol")));
  expect(entry?.body).toEqual({ model: "openai/gpt-6.1-sol", store: false, input: visit.marker });
});
