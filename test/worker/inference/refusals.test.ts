import { afterAll, beforeAll, expect, it } from "vitest";
import { type Gateway, manageGateway, startGateway } from "../../support/gateway.ts";

/** A refused request as the list shows it, in the part that is looked at. */
interface Refusal {
  id: string;
  [field: string]: unknown;
}

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

const MODEL = "openai/gpt-6-mini";
const CHAT = { model: MODEL, messages: [{ role: "user", content: "a secret of mine" }] };

/** Makes a key, and answers it with its id. */
const newKey = async (more: object = {}) => {
  const body = { name: "of a test", permissions: ["read", "write"], ...more };
  return (await manageGateway(gateway, "POST", "/api/keys", body)) as { id: string; key: string };
};
const ask = async (key: string, path = "/v1/chat/completions", body: unknown = CHAT) => {
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "user-agent": "my-program/1.2" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const id = response.headers.get("x-request-id") ?? "";
  return { id, status: response.status, text: await response.text() };
};
const refusals = async (search: string) =>
  (await manageGateway(gateway, "GET", `/api/refusals?${search}`)).data as Refusal[];
/** It is written half a second after the answer. */
const refusalOf = async (id: string): Promise<Refusal> => {
  await expect.poll(() => refusals(`q=${id}`), { timeout: 15_000 }).toHaveLength(1);
  return (await refusals(`q=${id}`))[0] as Refusal;
};

it("a model that is not the key's: who asked for what, and what was told", async () => {
  const { id: key_id, key } = await newKey({ models: [MODEL] });
  const asked = await ask(key, "/v1/messages", { ...CHAT, model: "anthropic/claude-haiku-4-5", max_tokens: 5 });
  expect(asked.status).toBe(403);
  const { created_at, ...refusal } = await refusalOf(asked.id);
  expect(Math.abs(Date.parse(String(created_at)) - Date.now())).toBeLessThan(60_000);
  expect(refusal).toEqual({
    id: asked.id,
    ...{ organization_id: gateway.rootId, organization_name: "Test", key_id, key_name: "of a test" },
    ...{ member_id: null, member_name: null, member_email: null },
    ...{ dialect: "anthropic-messages", operation: "generate", requested_model: "anthropic/claude-haiku-4-5" },
    ...{ client: "my-program/1.2", status: 403, error_code: "model_not_allowed", param: "model" },
    message: `This API key may not ask for 'anthropic/claude-haiku-4-5'. It may ask for: ${MODEL}.`,
    ...{ limit_id: null, repeated: 0 },
  });
});

it("a limit that is reached: which; and what was let through is a request, not a refusal", async () => {
  const { id: key_id, key } = await newKey();
  const limit = { key_id, metric: "requests", window: "day", amount: 1, mode: "block" };
  const { id: limit_id } = await manageGateway(gateway, "POST", "/api/limits", limit);
  const [first, second] = [await ask(key), await ask(key)];
  expect([first.status, second.status]).toEqual([200, 429]);
  expect(await refusalOf(second.id)).toMatchObject({ limit_id, status: 429, error_code: "insufficient_quota", key_id });
  expect((await refusals(`key=${key_id}`)).map(({ id }) => id)).toEqual([second.id]);
});

it.each<[name: string, body: unknown, expected: object]>([
  ["no JSON", '{"model": "a secret', { error_code: "invalid_json", requested_model: null }],
  ["a field at fault", { ...CHAT, messages: 5 }, { param: "messages", requested_model: MODEL }],
  ["no such model", { ...CHAT, model: "no-such" }, { status: 404, requested_model: "no-such" }],
])("%s: the field, and nothing of what was sent", async (_name, body, expected) => {
  const { id, status } = await ask(gateway.apiKey, undefined, body);
  const refusal = await refusalOf(id);
  expect(refusal).toMatchObject({ status, ...expected });
  if (status === 400) expect(refusal.message).toBeNull();
  expect(JSON.stringify(refusal)).not.toContain("secret");
});

it("an address that is not on the key's list: not which", async () => {
  const { key } = await newKey({ ip_ranges: ["203.0.113.0/24"] });
  const { id, text } = await ask(key);
  expect(await refusalOf(id)).toMatchObject({ status: 403, error_code: "ip_not_allowed", message: null });
  expect(text).toContain("may not be used");
});

it("a key that is revoked is told from a key that is none: that belongs to nobody", async () => {
  const { id, key } = await newKey();
  await manageGateway(gateway, "POST", `/api/keys/${id}/revoke`);
  const revoked = await ask(key);
  const forged = await ask(`${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`);
  expect([revoked.status, forged.status]).toEqual([401, 401]);
  expect(await refusalOf(revoked.id)).toMatchObject({
    key_id: id,
    error_code: "invalid_api_key",
    requested_model: MODEL,
  });
  expect(await refusals(`q=${forged.id}`)).toEqual([]);
});

it("while the database is away the answer is the same, and the log says what is lost", async () => {
  const { key } = await newKey({ models: ["openai/none"] });
  gateway.database.faults.mode = "503";
  try {
    expect((await ask(key)).status).toBe(403);
    await expect.poll(() => gateway.output()).toContain('"event":"refusals.not_recorded"');
  } finally {
    gateway.database.faults.mode = "ok";
  }
});

it("a client that asks again and again writes few rows, and the last counts", async () => {
  const { id, key } = await newKey({ models: ["openai/none"] });
  const answers = await Promise.all(Array.from({ length: 60 }, () => ask(key)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
  const counted = async () => {
    const rows = await refusals(`key=${id}&limit=200`);
    return { few: rows.length < 30, all: rows.reduce((sum, { repeated }) => sum + 1 + Number(repeated), 0) };
  };
  await expect.poll(counted, { timeout: 30_000 }).toEqual({ few: true, all: 60 });
});
