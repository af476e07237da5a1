import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Gateway, startGateway } from "../../support/gateway.ts";

let gateway: Gateway;
let webhookSecret = "";
let resentKey = "";
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.stop());

const call = (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
  fetch(gateway.url + path, init);
const asAdmin = (path: string, body?: unknown) =>
  call(path, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** Makes a key of a name, with an `Idempotency-Key` of the same name. */
const makeOnce = (name: string, signal?: AbortSignal) =>
  call("/api/keys", {
    method: "POST",
    headers: {
      ...{ authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
      "idempotency-key": name.replaceAll(" ", "-"),
    },
    body: JSON.stringify({ name }),
    ...(signal && { signal }),
  });
const codeOf = async (response: Response) =>
  response.status < 400 ? response.status : ((await response.json()) as { error: { code: string } }).error.code;

/** Sends raw headers, the same name more than once if told so; `fetch` would join them itself. */
const statusOf = (path: string, headers: string[]): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(gateway.url + path, { headers: ["host", new URL(gateway.url).host, ...headers] }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    })
      .on("error", reject)
      .end();
  });

describe("the production bundle in workerd", () => {
  it("signs in, keeps the session and signs out", async () => {
    const signedIn = await call("/api/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "admin@example.com", password: "a long password" }),
    });
    expect(signedIn.status).toBe(200);
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect(await (await call("/api/session", { headers: { cookie } })).json()).toMatchObject({
      user: { email: "admin@example.com" },
      organization: { id: gateway.rootId },
    });
    const headers = { cookie, origin: gateway.url, "sec-fetch-site": "same-origin", "x-gaia-csrf": "1" };
    expect((await call("/api/session", { method: "DELETE", headers })).status).toBe(204);
    expect((await call("/api/requests", { headers: { cookie } })).status).toBe(401);
  });

  it("opens the endpoint with a new key at once and closes it when the key is revoked", async () => {
    const made = (await (await asAdmin("/api/keys", { name: "Strict", strict: true })).json()) as {
      id: string;
      key: string;
    };
    const models = () => call("/v1/models", { headers: { authorization: `Bearer ${made.key}` } });
    expect((await models()).status).toBe(200);
    expect((await asAdmin(`/api/keys/${made.id}/revoke`, {})).status).toBe(200);
    expect((await models()).status).toBe(401);
  });

  it("gives the same new key to a client whose connection broke, when it asks again with its Idempotency-Key", async () => {
    const ask = (signal?: AbortSignal) => makeOnce("Asked for twice", signal);
    const { faults } = gateway.database;
    const gone = new AbortController();
    // The change, after the claim and two looks at the organization.
    faults.next.push("ok", "ok", "ok", "slow");
    const broken = ask(gone.signal).catch((error: Error) => error.name);
    await expect.poll(() => faults.next.length).toBe(0);
    gone.abort();
    expect(await broken).toBe("AbortError");
    let answer = await ask();
    while (answer.status === 409) answer = await ask();
    expect([answer.status, answer.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
    const { key } = (await answer.json()) as { key: string };
    expect((await call("/v1/models", { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
    const { data } = (await (await asAdmin("/api/keys?q=Asked")).json()) as { data: object[] };
    expect(data).toHaveLength(1);
    resentKey = key;
  });

  it("makes no key twice, though workerd is killed between the change and its answer", async () => {
    const { faults, sql } = gateway.database;
    const name = "Made before the end";
    faults.next.push("ok", "ok", "ok", "ack-held");
    const held = faults.held;
    const broken = makeOnce(name).then(codeOf, () => "broken");
    await expect.poll(() => faults.held).toBe(held + 1);
    await gateway.restart({ cold: false });
    expect(await broken).toBe("broken");
    expect(await codeOf(await makeOnce(name))).toBe("idempotency_in_progress");
    // As after a minute.
    await sql`update idempotency_keys set held_until = now() - interval '1 second' where answer is null`;
    expect(await codeOf(await makeOnce(name))).toBe("idempotency_answer_lost");
    expect(await sql`select count(*)::int from api_keys where name = ${name}`).toEqual([{ count: 1 }]);
  });

  it("stops an archived branch, and counts a moved one for its new place, at the next request", async () => {
    const make = async (path: string, body: unknown) => {
      const answer = await asAdmin(path, body);
      expect(answer.status).toBeLessThan(300);
      return (await answer.json()) as { id: string; key: string };
    };
    const { id: branch } = await make("/api/organizations", { name: "Branch" });
    const { id: team } = await make("/api/organizations", { name: "Team", parent_id: branch });
    const { id: closed } = await make("/api/organizations", { name: "Closed" });
    const { key } = await make("/api/keys", { name: "Team's", organization_id: team });
    await make("/api/limits", { organization_id: closed, metric: "requests", window: "total", amount: 0 });
    const ask = async () => {
      const body = { model: "openai/gpt-4.1-nano", messages: [{ role: "user", content: "Hello" }] };
      const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
      const answer = await call("/v1/chat/completions", { method: "POST", headers, body: JSON.stringify(body) });
      const { error } = (await answer.json()) as { error?: { code: string } };
      return error?.code ?? answer.status;
    };
    // The second time the isolate knows the key, and would not wait for the Ledger to send.
    expect([await ask(), await ask()]).toEqual([200, 200]);
    await make(`/api/organizations/${branch}/archive`, {});
    expect(await ask()).toBe("organization_archived");
    await make(`/api/organizations/${branch}/restore`, {});
    expect([await ask(), await ask()]).toEqual([200, 200]);
    await make(`/api/organizations/${team}/move`, { parent_id: closed, dry_run: false });
    expect(await ask()).toBe("insufficient_quota");
    await make(`/api/organizations/${team}/move`, { parent_id: branch, dry_run: false });
    expect(await ask()).toBe(200);
  });

  it("manages limits, prices, webhooks and settings", async () => {
    const send = async (method: string, path: string, body?: unknown) => {
      const response = await call(path, {
        method,
        headers: { authorization: `Bearer ${gateway.adminKey}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = await response.json();
      expect(response.status, JSON.stringify(answer)).toBeLessThan(300);
      return answer as Record<string, unknown>;
    };
    const limit = {
      organization_id: gateway.rootId,
      metric: "cost",
      window: "month",
      amount_usd: "1000",
      mode: "warn",
    };
    const price = { model: "compatible/own", price: { rates: { input: "1" } } };
    expect(await send("POST", "/api/limits", limit)).toMatchObject({ amount: 1e12, pending: false });
    expect(await send("GET", "/api/limits/status")).toMatchObject({ next_cursor: null });
    expect(await send("POST", "/api/prices", price)).toMatchObject({ source: "custom", pending: false });
    expect((await send("GET", "/api/prices?model=compatible/own")).data).toMatchObject([{ in_force: true }]);
    const webhook = await send("POST", "/api/webhooks", { url: "https://hooks.example.com/" });
    expect(webhook).toMatchObject({ secret: expect.stringMatching(/^whsec_/), pending: false });
    webhookSecret = String(webhook.secret);
    const settings = { time_zone: "America/New_York", settings: { least_output_tokens: 512 } };
    expect(await send("PATCH", `/api/organizations/${gateway.rootId}`, settings)).toMatchObject({ pending: false });
  });

  it("takes two Authorization headers for two keys, unless they are one", async () => {
    const admin = `Bearer ${gateway.adminKey}`;
    const other = `Bearer ${gateway.apiKey}`;
    expect(await statusOf("/api/keys", ["Authorization", admin])).toBe(200);
    expect(await statusOf("/api/keys", ["Authorization", admin, "Authorization", admin])).toBe(200);
    expect(await statusOf("/api/keys", ["Authorization", admin, "Authorization", other])).toBe(400);
    expect(await statusOf("/api/keys", ["Authorization", admin, "x-api-key", gateway.apiKey])).toBe(400);
  });

  it("stores and logs no key, no password and no webhook's secret", async () => {
    const tables = await gateway.database
      .sql`select table_name from information_schema.tables where table_schema = 'public'`;
    const dump = await Promise.all(
      tables.map(({ table_name }) => gateway.database.sql.query(`select t::text as row from "${table_name}" t`)),
    );
    const text = JSON.stringify(dump) + gateway.output();
    expect(text).toContain(gateway.rootId);
    const keys = [gateway.apiKey, gateway.adminKey, resentKey].map((key) => key.slice(32, 75));
    expect([webhookSecret, resentKey]).not.toContain("");
    for (const secret of [...keys, "a long password", webhookSecret.slice(6)]) {
      expect(text).not.toContain(secret);
    }
  });
});
