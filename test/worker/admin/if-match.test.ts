import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROUTE_PERMISSIONS } from "../../../worker/api/admin/permissions.ts";
import { LIMIT, PRICE, ROUTE, VIEW, WEBHOOK } from "./routes.ts";
import { type AdminWorld, type Answer, BROWSER, startAdminWorld, type Tenant } from "./support.ts";

let world: AdminWorld;
let tenant: Tenant;
let cookie: string;
let team: string;
let made = 0;
beforeAll(async () => {
  world = await startAdminWorld();
  tenant = await world.tenant();
  cookie = await world.signIn(tenant);
  team = (await send("POST", "/api/organizations", { name: "Team" })).body.id;
});
afterAll(() => world.close());

const send = (method: string, path: string, body?: unknown, tag?: string): Promise<Answer> =>
  world.call(method, path, {
    ...{ cookie, body },
    headers: { ...BROWSER, ...(tag === undefined ? {} : { "if-match": tag }) },
  });
const tagOf = ({ headers }: Answer) => headers.get("etag") ?? "";
const lastAudited = async () => (await send("GET", "/api/audit?limit=1")).body.data[0].id;

/** Something with versions: how one is made, and how it is changed. */
interface Kind {
  /** Answers its path. */
  make(): Promise<string>;
  change: [route: string, body: () => object];
  /** There is no route that shows one of them. */
  unread?: true;
}
const posted = async (path: string, body: object, method = "POST") =>
  `${path}/${(await send(method, path, body)).body.id}`;
const KINDS = {
  organizations: {
    make: () => posted("/api/organizations", { name: "Some" }),
    change: ["PATCH /api/organizations/:id", () => ({ name: `${++made}` })],
  },
  keys: {
    make: () => posted("/api/keys", { name: "Some" }),
    change: ["PATCH /api/keys/:id", () => ({ name: `${++made}` })],
  },
  limits: {
    async make() {
      const { body } = await send("POST", "/api/keys", { name: "Some" });
      return posted("/api/limits", { ...LIMIT, key_id: body.id });
    },
    change: ["PATCH /api/limits/:id", () => ({ amount: ++made })],
  },
  prices: {
    make: () => posted("/api/prices", { ...PRICE, model: `openai/own-${++made}`, valid_from: "2027-01-01T00:00:00Z" }),
    change: ["PATCH /api/prices/:id", () => ({ valid_until: new Date(Date.UTC(2028, 0) + ++made).toISOString() })],
    unread: true,
  },
  routes: {
    make: () => posted("/api/routes", { ...ROUTE, name: `route ${++made}` }, "PUT"),
    change: ["PUT /api/routes", () => ({ ...ROUTE, name: `route ${made}`, strategy: "weighted" })],
  },
  models: {
    async make() {
      const model = `openai/own-${++made}`;
      await posted("/api/models", { model });
      return `/api/models/${encodeURIComponent(model)}`;
    },
    change: ["PATCH /api/models/:id", () => ({ context_window: ++made })],
  },
  webhooks: {
    make: () => posted("/api/webhooks", WEBHOOK),
    change: ["PATCH /api/webhooks/:id", () => ({ disabled: ++made % 2 === 0 })],
  },
  views: { make: () => posted("/api/views", VIEW), change: ["PATCH /api/views/:id", () => ({ name: `${++made}` })] },
  members: {
    make: async () => `/api/members/${(await world.member(tenant, team, "viewer")).userId}`,
    change: ["PATCH /api/members/:id", () => ({ organization_id: team, role: "member" })],
  },
  retention: {
    make: async () => "/api/retention",
    change: ["PUT /api/retention", () => ({ days: 100 + ++made })],
  },
  me: { make: async () => "/api/me", change: ["PATCH /api/me", () => ({ name: `${++made}` })] },
} satisfies Record<string, Kind>;

/** What else is done with one of them. */
const BODIES: Record<string, () => object> = {
  "POST /api/organizations/:id/move": () => ({ parent_id: team, dry_run: false }),
  "POST /api/keys/:id/move": () => ({ organization_id: team, dry_run: false }),
  "POST /api/keys/:id/rotate": () => ({ overlap_seconds: 60 }),
};

/** Writes that take no `If-Match`, and why. */
const EXCEPTIONS: Record<string, string> = {
  "POST /api/organizations": "makes something new",
  "POST /api/keys": "makes something new",
  "POST /api/limits": "makes something new",
  "POST /api/prices": "makes something new",
  "POST /api/models": "makes something new",
  "POST /api/models/sync": "reads what others say",
  "POST /api/models/bulk": "is about many models, and tells of each what became of it",
  "POST /api/models/changes/accept": "is about changes that are named by what they say",
  "POST /api/models/changes/dismiss": "is about changes that are named by what they say",
  "POST /api/models/changes/restore": "is about changes that are named by what they say",
  "POST /api/webhooks": "makes something new",
  "POST /api/views": "makes something new",
  "POST /api/invites": "makes something new",
  "DELETE /api/invites/:id": "an invitation changes only by ending; one that was accepted is a 409",
  "POST /api/members/:id/reset": "makes a link, and changes nothing of the member",
  "POST /api/keys/bulk": "is about many keys, and tells of each what became of it",
  "DELETE /api/members/:id/second-factors": "is about how they get in, and changes none of their roles",
  "POST /api/me/confirm": "tells who one is, and changes nothing else",
  "POST /api/me/confirm/passkey": "tells who one is, and changes nothing else",
  "POST /api/me/totp/confirm": "makes something new; where there is one it is a 409",
  "DELETE /api/me/totp": "an authenticator app changes only by going",
  "POST /api/me/recovery-codes": "makes something new",
  "POST /api/me/passkeys": "makes something new",
  "PATCH /api/me/passkeys/:id": "nothing but a name changes, and nobody else sees it",
  "DELETE /api/me/passkeys/:id": "is about which it is, whatever it is called",
  "POST /api/me/password": "the old password says which one is replaced",
  "DELETE /api/members/:id/sessions": "a session changes only by ending",
  "DELETE /api/me/sessions": "a session changes only by ending",
  "DELETE /api/me/sessions/:id": "a session changes only by ending",
  "POST /api/prices/rerate": "is about requests of a period, which have no versions",
  "POST /api/reconciliations": "compares, and changes nothing",
  "POST /api/reconciliations/repair": "is about sums of a period, which have no versions",
  "POST /api/retention/erase": "is about all there is of somebody, which has no versions",
  "POST /api/webhooks/:id/test": "sends something, and changes nothing",
};

const writes = Object.entries(ROUTE_PERMISSIONS)
  .filter(([route, permission]) => !route.startsWith("GET ") && permission.endsWith(":write"))
  .map(([route]) => route);
const kindOf = (route: string) => KINDS[/^\S+ \/api\/(\w+)/.exec(route)?.[1] as keyof typeof KINDS] as Kind;
/** What is sent on a route about one of them. */
function sent(route: string, path: string, { change }: Kind): [method: string, path: string, body?: object] {
  const [method = "", pattern = ""] = route.split(" ");
  const at = pattern.includes(":id") ? path + pattern.split(":id")[1] : pattern;
  const body = route === change[0] ? change[1] : BODIES[route];
  return body === undefined ? [method, at] : [method, at, body()];
}

const withTag = ([method, path, body]: ReturnType<typeof sent>, tag: string) => [method, path, body, tag] as const;

describe("a change of what somebody else has changed meanwhile", () => {
  it.each(writes.filter((route) => !(route in EXCEPTIONS)))("%s is a 412, and changes nothing", async (route) => {
    const kind = kindOf(route);
    const path = await kind.make();
    const first = kind.unread ? '"1"' : tagOf(await send("GET", path));
    const change = await send(...withTag(sent(kind.change[0], path, kind), first));
    expect([change.status, tagOf(change)]).toEqual([200, expect.stringMatching(/^"\w+"$/)]);
    const now = tagOf(change);
    expect(now).not.toBe(first);
    if (!kind.unread) expect(tagOf(await send("GET", path))).toBe(now);

    const before = await lastAudited();
    for (const stale of [first, `W/${now}`, `${first}, "x"`]) {
      const refused = await send(...withTag(sent(route, path, kind), stale));
      expect([refused.status, refused.body.error?.code, tagOf(refused)]).toEqual([412, "precondition_failed", now]);
    }
    expect(await lastAudited()).toBe(before);

    const passed = await send(...withTag(sent(route, path, kind), `${first}, ${now}`));
    expect(passed.status).toBeLessThan(300);
    if (!route.startsWith("DELETE")) expect(tagOf(passed)).toMatch(/^"\w+"$/);
  });

  it("is told apart also when both are sent at once: one of them is made", async () => {
    for (const kind of Object.values(KINDS) as Kind[]) {
      const path = await kind.make();
      const change = () => send(...withTag(sent(kind.change[0], path, kind), tag));
      const tag = kind.unread ? '"1"' : tagOf(await send("GET", path));
      const answers = await Promise.all([change(), change()]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    }
  });

  it("and there is no other write than these", () => {
    const others = Object.keys(EXCEPTIONS).filter((route) => !writes.includes(route));
    expect(others).toEqual([]);
    expect(writes.filter((route) => !(route in EXCEPTIONS) && kindOf(route) === undefined)).toEqual([]);
  });
});

it("a revoked key is revoked again with whatever tag: whoever is told to send it again has seen one of before", async () => {
  const path = await KINDS.keys.make();
  expect((await send("POST", `${path}/revoke`, undefined, '"1"')).status).toBe(200);
  expect((await send("POST", `${path}/revoke`, undefined, '"1"')).status).toBe(200);
});
