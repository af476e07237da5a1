/**
 * Somebody who has the document only: a client that a public generator made from it, compiled strictly, works with a running
 * gateway. What narrows by `status` here is a type of the contract. Run by test/stack/generated-client.ts, which made the client.
 */
import assert from "node:assert/strict";
import * as gaia from "../../.cache/generated-client/client.ts";

const { ADMIN_KEY = "" } = process.env;
const MODEL = "openai/gpt-6.1-sol";

/** The same request with another key. */
const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

assert.equal((await gaia.getAbout()).data.name, "GaiaRouter");
assert.deepEqual((await gaia.getSetup()).data, { done: true });

gaia.defaults.headers = { authorization: `Bearer ${ADMIN_KEY}` };

const organization = await gaia.createOrganization({ name: "Made by a generated client" });
assert(organization.status === 201);

const key = await gaia.createKey({ name: "Generated", organization_id: organization.data.id, tags: ["generated"] });
assert(key.status === 201);
assert.deepEqual(key.data.permissions, ["read", "write"]);

const answer = await gaia.createChatCompletion(
  { model: MODEL, messages: [{ role: "user", content: "Hello" }] },
  { xGaiaTags: "made-by=generator" },
  as(key.data.key),
);
assert("choices" in answer.data);
assert(answer.data.choices[0]?.message.content);
const own = await gaia.getOwnKey(as(key.data.key));
assert("limits" in own.data && own.data.id === key.data.id);

const first = await gaia.listKeys({ limit: 1 });
assert(first.status === 200 && first.data.next_cursor !== null);
const second = await gaia.listKeys({ limit: 1, cursor: first.data.next_cursor });
assert(second.status === 200);
assert.notEqual(second.data.data[0]?.id, first.data.data[0]?.id);

const limit = await gaia.createLimit({ key_id: key.data.id, metric: "requests", window: "day", amount: 5 });
assert(limit.status === 201);
const ifMatch = `"${limit.data.version}"`;
const changed = await gaia.updateLimit(limit.data.id, { amount: 7 }, { ifMatch });
assert(changed.status === 200 && changed.data.amount === 7);
const late = await gaia.updateLimit(limit.data.id, { amount: 9 }, { ifMatch });
assert(late.status === 412);
const code: gaia.ErrorCode = late.data.error.code;
assert.equal(code, "precondition_failed");

const nobody = await gaia.getKey("key_000000000000");
assert(nobody.status === 404);
assert.equal(nobody.data.error.code, "not_found");

const wrong = await gaia.createLimit({ key_id: key.data.id, metric: "cost", window: "day", amount_usd: "a lot" });
assert(wrong.status === 400);
assert.equal(wrong.data.error.param, "amount_usd");

console.log("a generated client works");
