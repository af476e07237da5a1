import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VIEW } from "./routes.ts";
import { type AdminWorld, type Answer, BROWSER, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let team: string;
let below: string;
/** Cookies, by who somebody is and where. */
const people: Record<string, string> = {};
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant("Acme");
  people.owner = await world.signIn(tenant);
  const branch = async (name: string, parent: string): Promise<string> =>
    (await as("owner", "POST", "/api/organizations", { name, parent_id: parent })).body.id;
  team = await branch("Team", tenant.rootId);
  below = await branch("Below", team);
  const sibling = await branch("Sibling", tenant.rootId);
  const places = { team, below, sibling };
  for (const [name, id] of Object.entries(places)) {
    for (const role of ["viewer", "member", "admin"] as const) {
      people[`${role} of ${name}`] = await world.signIn(await world.member(tenant, id, role));
    }
  }
});
afterAll(() => world?.close());

const as = (who: string, method: string, path: string, body?: unknown): Promise<Answer> =>
  world.call(method, path, { cookie: people[who] ?? "", body, headers: BROWSER });
const save = async (who: string, more: object = {}) => (await as(who, "POST", "/api/views", { ...VIEW, ...more })).body;
const seenBy = async (who: string): Promise<string[]> =>
  (await as(who, "GET", "/api/views?limit=200")).body.data.map(({ id }: { id: string }) => id);

describe("a view", () => {
  it("is its owner's alone until it is shared: an administrator does not see it either", async () => {
    const { id, own, organization_id } = await save("member of team");
    expect({ own, organization_id }).toEqual({ own: true, organization_id: null });
    expect(await seenBy("member of team")).toContain(id);
    expect(await seenBy("owner")).not.toContain(id);
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const body = method === "PATCH" ? { name: "Mine now" } : undefined;
      expect((await as("owner", method, `/api/views/${id}`, body)).status).toBe(404);
    }
  });

  it("that is shared with an organization is seen by those who stand on it, above or below, and by nobody beside", async () => {
    const { id } = await save("member of team", { organization_id: team });
    const seen = await Promise.all(Object.keys(people).map(async (who) => [who, (await seenBy(who)).includes(id)]));
    expect(Object.fromEntries(seen.filter(([, sees]) => !sees))).toEqual({
      ...{ "viewer of sibling": false, "member of sibling": false, "admin of sibling": false },
    });
  });

  it.each([
    ["another member", "member of below", 403],
    ["an administrator below", "admin of below", 403],
    ["an administrator there", "admin of team", 200],
    ["an administrator above", "owner", 200],
    ["its owner", "member of team", 200],
    ["somebody beside", "admin of sibling", 404],
  ])("that is shared is changed by: %s", async (_, who, status) => {
    const { id } = await save("member of team", { organization_id: team });
    expect((await as(who, "PATCH", `/api/views/${id}`, { name: "Other" })).status).toBe(status);
    expect((await as(who, "DELETE", `/api/views/${id}`)).status).toBe(status === 200 ? 204 : status);
  });

  it.each([
    ["a viewer", "viewer of team", () => team, 403, "permission_denied"],
    ["somebody below", "member of below", () => team, 404, "not_found"],
    ["somebody beside", "member of sibling", () => team, 404, "not_found"],
  ])("is not shared by %s", async (_, who, organization, status, code) => {
    const answer = await as(who, "POST", "/api/views", { ...VIEW, organization_id: organization() });
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    const { id } = await save(who);
    expect((await as(who, "PATCH", `/api/views/${id}`, { organization_id: organization() })).status).toBe(status);
  });

  it("is its owner's alone again when its organization is deleted", async () => {
    const gone = (await as("owner", "POST", "/api/organizations", { name: "Gone", parent_id: team })).body.id;
    const { id } = await save("owner", { organization_id: gone });
    expect((await as("owner", "DELETE", `/api/organizations/${gone}`)).status).toBe(200);
    expect((await as("owner", "GET", `/api/views/${id}`)).body).toMatchObject({ organization_id: null, version: 2 });
  });

  it.each([
    ["a key", `key=x&q=sk-gaia-${"0".repeat(40)}`],
    ["another's key", "q=sk-proj-abcdefghijklmnopqrst"],
    ["an escaped key", `q=%73k-gaia-${"0".repeat(40)}`],
    ["a token", "q=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.x"],
    ["a link's code", "token=gaia-reset-1abcdefgh_x"],
    ["a question mark", "?from=-1h"],
    ["a fragment", "from=-1h#x"],
    ["spaces", "q=a b"],
    ["too much", `q=${"x".repeat(4_096)}`],
  ])("keeps no query with %s", async (_, query) => {
    const answer = await as("owner", "POST", "/api/views", { ...VIEW, query });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: "invalid_value", param: "query" } } });
  });

  it("keeps filters by keys and words that only look like one", async () => {
    const query = "key=key_000000000000&model=openai%2Fgpt-6.1-sol&tag=task-something-or-other:x";
    expect(await save("owner", { query })).toMatchObject({ query });
  });
});

it("a person has a hundred views at most, however many come at once", async () => {
  const who = "viewer of below";
  await save(who);
  await world.database.sql`
    insert into views (id, root_id, user_id, name, page, query)
    select 'viw_' || lpad(n::text, 12, '0'), root_id, user_id, name, page, query
    from views, generate_series(1, 97) n
    where user_id = (select user_id from memberships where role = 'viewer' and organization_id = ${below})`;
  const last = await Promise.all([1, 2, 3, 4].map(() => as(who, "POST", "/api/views", VIEW)));
  expect(last.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409]);
});
