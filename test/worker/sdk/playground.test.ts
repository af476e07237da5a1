import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { decodeJwt, SignJWT } from "jose";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Gateway, manageGateway, requestRow, startGateway } from "../../support/gateway.ts";

/** A playground token in place of a key: in each dialect, bound as its organization is, and worth no more than its session. */

const GPT = "openai/gpt-6.1-sol";
const CHAT = { model: GPT, messages: [{ role: "user" as const, content: "hi" }] };

let gateway: Gateway;
let cookie: string;
beforeAll(async () => {
  gateway = await startGateway();
  cookie = await signIn();
});
afterAll(() => gateway?.stop());

const page = (method: string, path: string, body?: object, headers: Record<string, string> = { cookie }) =>
  fetch(gateway.url + path, {
    method,
    headers: { origin: gateway.url, "x-gaia-csrf": "1", "content-type": "application/json", ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });

async function signIn(): Promise<string> {
  const answer = await page("POST", "/api/session", { email: "admin@example.com", password: "a long password" }, {});
  return answer.headers.get("set-cookie")?.split(";")[0] ?? "";
}

interface Taken {
  token: string;
  key_id: string;
  organization_id: string;
}
const take = async (by = cookie, body = { organization_id: gateway.rootId }): Promise<Taken> =>
  (await page("POST", "/api/playground/token", body, { cookie: by })).json() as Promise<Taken>;

const ask = (headers: Record<string, string>, path = "/v1/chat/completions", body: object = CHAT) =>
  fetch(gateway.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
/** Status and code of an answer that is expected to be none. */
async function refusal(answer: Promise<Response>): Promise<string> {
  const response = await answer;
  const { error } = (await response.json()) as { error?: { code?: string } };
  return `${response.status} ${error?.code}`;
}

test("asks in each dialect with its SDK, lists models, and is counted for the member by a key of its own", async () => {
  const { token, key_id } = await take();
  const openai = new OpenAI({ apiKey: token, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  const chat = await openai.chat.completions.create(CHAT).withResponse();
  expect(chat.data.choices[0]?.message.content).toBeTruthy();
  expect((await openai.responses.create({ model: GPT, input: "hi" })).output_text).toBeTruthy();
  expect((await openai.models.list()).data.length).toBeGreaterThan(0);
  const anthropic = new Anthropic({ apiKey: token, authToken: null, baseURL: gateway.url, maxRetries: 0 });
  const message = { model: "anthropic/claude-opus-5-5", max_tokens: 16, messages: CHAT.messages };
  expect((await anthropic.messages.create(message)).content).not.toEqual([]);
  const google = new GoogleGenAI({ apiKey: token, httpOptions: { baseUrl: gateway.url } });
  expect((await google.models.generateContent({ model: "google/gemini-3.6-flash", contents: "hi" })).text).toBeTruthy();
  const stream = await openai.chat.completions.create({ ...CHAT, stream: true });
  let chunks = 0;
  for await (const _ of stream) chunks += 1;
  expect(chunks).toBeGreaterThan(1);

  const row = await requestRow(gateway, chat.response.headers.get("x-request-id") ?? "");
  expect(row).toMatchObject({ status: 200, outcome: "ok", key_id });
  const { user } = (await (await page("GET", "/api/session")).json()) as { user: { id: string } };
  const { data } = await manageGateway(gateway, "GET", `/api/requests?member=${user.id}`);
  expect((data as { id: string }[]).map(({ id }) => id)).toContain(row.id);
});

describe("it is worth no more than its session", () => {
  test("after signing out it is refused at the very next request, and so is a stream", async () => {
    const own = await signIn();
    const { token } = await take(own);
    expect((await ask(bearer(token))).status).toBe(200);
    expect((await page("DELETE", "/api/session", undefined, { cookie: own })).status).toBe(204);
    expect(await refusal(ask(bearer(token)))).toBe("401 invalid_api_key");
    expect(await refusal(ask(bearer(token), undefined, { ...CHAT, stream: true }))).toBe("401 invalid_api_key");
    const listing = fetch(`${gateway.url}/v1/models`, { headers: bearer(token) });
    expect(await refusal(listing)).toBe("401 invalid_api_key");
  });

  test("a cookie alone asks nothing, and neither token stands for the other", async () => {
    expect(await refusal(ask({ cookie, origin: gateway.url, "x-gaia-csrf": "1" }))).toBe("401 missing_api_key");
    const session = cookie.slice(cookie.indexOf("=") + 1);
    expect(await refusal(ask(bearer(session)))).toBe("401 invalid_api_key");
    expect(await refusal(ask(bearer(`gaia-play-${session}`)))).toBe("401 invalid_api_key");
    const { token } = await take();
    const name = cookie.slice(0, cookie.indexOf("="));
    const asCookie = page("GET", "/api/me", undefined, { cookie: `${name}=${token.slice("gaia-play-".length)}` });
    expect((await asCookie).status).toBe(401);
    expect((await fetch(`${gateway.url}/api/me`, { headers: bearer(token) })).status).toBe(401);
  });

  test("what is not signed by us as such a token is, is nothing", async () => {
    const { token } = await take();
    const [head = "", body = "", signature = ""] = token.slice("gaia-play-".length).split(".");
    const claims = decodeJwt(`${head}.${body}.${signature}`);
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    const forged = await new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new Uint8Array(32));
    const longer = Buffer.from(JSON.stringify({ ...claims, exp: 4_000_000_000 })).toString("base64url");
    for (const text of [`${none}.${body}.`, forged, `${head}.${longer}.${signature}`, `${head}.${body}`, ""]) {
      expect(await refusal(ask(bearer(`gaia-play-${text}`))), text).toBe("401 invalid_api_key");
    }
    const inUrl = ask({}, `/v1beta/models/google%2Fgemini-3.6-flash:generateContent?key=${token}`, { contents: [] });
    expect((await inUrl).status).toBe(401);
  });

  test("a page of another origin may not use it", async () => {
    const { token } = await take();
    const elsewhere = ask({ ...bearer(token), origin: "https://app.example.com" });
    expect(await refusal(elsewhere)).toBe("403 origin_not_allowed");
    expect((await ask({ ...bearer(token), origin: gateway.url })).status).toBe(200);
  });
});

test("the organization's models and limits hold, and its key is stopped at once", async () => {
  const team = await manageGateway(gateway, "POST", "/api/organizations", { name: "Team" });
  const organization_id = String(team.id);
  const { token, key_id } = await take(cookie, { organization_id });
  expect((await ask(bearer(token))).status).toBe(200);
  await manageGateway(gateway, "PATCH", `/api/organizations/${organization_id}`, {
    settings: { model_access: { mode: "listed", enabled: ["anthropic/*"] } },
  });
  expect(await refusal(ask(bearer(token)))).toBe("403 model_not_allowed");
  await manageGateway(gateway, "PATCH", `/api/organizations/${organization_id}`, { settings: { model_access: null } });
  const limit = { organization_id, metric: "requests", window: "day", amount: 1 };
  await manageGateway(gateway, "POST", "/api/limits", limit);
  expect((await ask(bearer(token))).status).toBe(429);
  await manageGateway(gateway, "POST", `/api/keys/${key_id}/disable`);
  expect(await refusal(ask(bearer(token)))).toBe("401 key_disabled");
  await manageGateway(gateway, "POST", `/api/keys/${key_id}/revoke`);
  expect(await refusal(ask(bearer(token)))).toBe("401 invalid_api_key");
});

test("no token stands in a line of the log", async () => {
  const { token } = await take();
  expect(await refusal(ask(bearer(token), undefined, { ...CHAT, model: "nobody/nothing" }))).toMatch(/^4/);
  await ask(bearer(`${token}x`));
  expect(gateway.output()).not.toContain("gaia-play-");
  expect(gateway.output()).not.toContain(token.slice(-43));
});
