import { afterEach, describe, expect, test, vi } from "vitest";
import { isId } from "../../../worker/lib/ids.ts";
import { notice, webhook } from "./announcer-notices.ts";
import { AnnouncerWorld, type Behaviour } from "./announcer-world.ts";
import { BEGINNING, ROOT, SQUAD, TEAM } from "./world.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let world: AnnouncerWorld;
const start = (webhooks?: ConstructorParameters<typeof AnnouncerWorld>[0]): AnnouncerWorld => {
  world = new AnnouncerWorld(webhooks);
  return world;
};
afterEach(() => world.storage.close());

const told = () => world.sent.map(({ webhookId }) => webhookId);

describe("announcing", () => {
  test("a message is signed, sent once, and leaves nothing but its key and its log", async () => {
    start();
    world.announce(notice("lim_1/month/2126-11/80/1000", world.now));
    expect(world.armedAt).toBe(world.now);
    await world.pass(HOUR);
    expect(world.sent).toHaveLength(1);
    const [sent] = world.sent;
    if (sent === undefined) throw new Error("unreachable");
    expect(sent.message).toEqual({
      type: "limit.threshold",
      id: sent.headers["webhook-id"],
      timestamp: new Date(BEGINNING).toISOString(),
      data: { limit_id: "lim_1", threshold: 80 },
    });
    expect(isId("dlv", sent.message.id)).toBe(true);
    expect(sent.headers).toEqual({
      "content-type": "application/json",
      "user-agent": "GaiaRouter",
      "webhook-id": sent.message.id,
      "webhook-timestamp": String(BEGINNING / 1000),
      "webhook-signature": world.expectedSignature(sent),
    });
    expect([...world.rows.values()]).toEqual([
      {
        deliveryId: sent.message.id,
        attempt: 1,
        webhookId: "whk_one",
        event: "limit.threshold",
        body: sent.message,
        at: BEGINNING,
        status: 200,
        error: null,
        durationMs: 0,
        delivered: true,
        nextAt: null,
      },
    ]);
    expect(world.stored("delivery")).toEqual([]);
    expect(world.stored("notice")).toHaveLength(1);
  });

  test("a tenant without events has no tables, and is asked for them once", async () => {
    start();
    expect(world.announcer.dueAt).toBeNull();
    const { statements } = world.storage;
    expect(world.announcer.dueAt).toBeNull();
    expect(world.storage.statements).toBe(statements);
    expect(world.storage.tables()).toEqual([]);
  });

  test("a repeated key changes nothing: without SQL in one life, and after an eviction", async () => {
    start();
    const given = notice("k", world.now);
    world.announce(given);
    await world.pass(SECOND);
    const { statements } = world.storage;
    world.announcer.announce({ ...given, body: { other: true } });
    expect(world.storage.statements).toBe(statements);
    world.evict();
    world.announce({ ...given, at: world.now });
    await world.pass(DAY);
    expect(world.sent).toHaveLength(1);
  });

  test("rows written: one for a notice, one for a delivery, one an attempt, one to delete", async () => {
    start();
    world.announce(notice("first", world.now));
    await world.pass(SECOND);
    let written = 0;
    const { exec } = world.storage.sql;
    world.storage.sql.exec = (query, ...bindings) => {
      const cursor = exec<never>(query, ...bindings);
      written += cursor.rowsWritten;
      return cursor;
    };
    world.script.set("whk_one", [500, 500, 200]);
    world.announce(notice("second", world.now));
    await world.pass(HOUR);
    expect(world.sent).toHaveLength(4);
    expect(written).toBe(1 + 1 + 3 + 1);
  });

  test("nothing is announced when it cannot be stored", async () => {
    start();
    world.storage.failWrites = true;
    expect(() => world.announcer.announce(notice("k", world.now))).toThrow("full");
    world.storage.failWrites = false;
    expect(world.announcer.dueAt).toBeNull();
    world.announce(notice("k", world.now));
    await world.pass(SECOND);
    expect(world.sent).toHaveLength(1);
  });

  test.each<[string, Parameters<typeof webhook>[1], boolean]>([
    ["of the same organization", { organizationId: SQUAD }, true],
    ["of one above", { organizationId: TEAM }, true],
    ["of the root", { organizationId: ROOT }, true],
    ["of an organization beside", { organizationId: "org_other000" }, false],
    ["that wants this event", { events: ["limit.exhausted", "limit.threshold"] }, true],
    ["that wants another event", { events: ["limit.exhausted"] }, false],
    ["that is disabled", { disabled: true }, false],
    ["that is removed", { removed: true }, false],
  ])("a webhook %s", async (_name, more, expected) => {
    start([webhook("whk_one", more)]);
    world.announce(notice("k", world.now, { organizationPath: [SQUAD, TEAM, ROOT] }));
    await world.pass(SECOND);
    expect(told()).toEqual(expected ? ["whk_one"] : []);
    // Also what interested nobody then is not told later.
    world.webhooks = [webhook("whk_one")];
    world.evict();
    world.announce(notice("k", world.now));
    await world.pass(DAY);
    expect(told()).toEqual(expected ? ["whk_one"] : []);
  });

  test("each webhook has a delivery of its own, with an id of its own", async () => {
    start([webhook("whk_one"), webhook("whk_two")]);
    world.announce(notice("k", world.now));
    await world.pass(SECOND);
    expect(told().toSorted()).toEqual(["whk_one", "whk_two"]);
    expect(new Set(world.sent.map(({ message }) => message.id)).size).toBe(2);
    for (const sent of world.sent) expect(sent.headers["webhook-signature"]).toBe(world.expectedSignature(sent));
  });

  test("a test goes to the webhook that is named, whatever events it wants", async () => {
    start([
      webhook("whk_one", { events: ["limit.exhausted"] }),
      webhook("whk_two"),
      webhook("whk_3", { disabled: true }),
    ]);
    const id = await world.test("whk_one");
    expect(await world.test("whk_3")).toBeNull();
    expect(await world.test("whk_none")).toBeNull();
    await world.pass(SECOND);
    expect(told()).toEqual(["whk_one"]);
    expect(world.sent[0]?.message).toMatchObject({ type: "webhook.test", id, data: { webhook_id: "whk_one" } });
    world.now += 1;
    const again = await world.test("whk_one");
    expect(again).not.toBe(id);
    await world.pass(SECOND);
    expect(world.sent).toHaveLength(2);
  });

  test.each([
    ["for forty days", false, 2],
    ["for good, where its window never begins anew", true, 1],
  ])("a key is remembered %s", async (_name, forever, times) => {
    start();
    const given = notice("k", world.now, { forever });
    world.announce(given);
    await world.pass(39 * DAY);
    world.evict();
    world.announce(notice("another", world.now));
    world.announce(given);
    await world.pass(2 * DAY);
    expect(world.sent.filter(({ at }) => at < BEGINNING + 39 * DAY)).toHaveLength(1);
    world.evict();
    world.announce(notice("a third", world.now));
    await world.pass(DAY);
    world.announce({ ...given, at: world.now });
    await world.pass(DAY);
    expect(world.sent).toHaveLength(times + 2);
  });

  test("what is still to be delivered is not forgotten", async () => {
    start();
    world.script.set("whk_one", Array(7).fill(500));
    const id = await world.test("whk_one");
    await world.pass(8 * HOUR);
    world.evict();
    world.webhooks.push(webhook("whk_two"));
    world.announce(notice("k", world.now, { organizationPath: [] }));
    await world.pass(2 * DAY);
    expect(world.sent.map(({ message }) => message.id)).toEqual(Array(8).fill(id));
  });

  test("keys are forgotten as well where there is no webhook", async () => {
    start([]);
    for (let day = 0; day < 60; day++) {
      world.announce(notice(`day ${day}`, world.now));
      await world.pass(DAY);
    }
    expect(world.stored("notice").length).toBeLessThanOrEqual(42);
    expect(world.armedAt).toBeNull();
  });
});

describe("what receivers do", () => {
  const WAITS = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR];
  const scheduled = (attempts: number) =>
    Array.from({ length: attempts }, (_, nth) => WAITS.slice(0, nth).reduce((sum, wait) => sum + wait, 0));
  const later = (seconds: number) => new Date(BEGINNING + seconds * SECOND).toUTCString();

  test.each<[string, Behaviour[], number[], "delivered" | "abandoned"]>([
    ["200", [200], [0], "delivered"],
    ["any 2xx", [299], [0], "delivered"],
    ["204 after an error", [500, 204], scheduled(2), "delivered"],
    ["a redirect, which is not followed", [302, 200], scheduled(2), "delivered"],
    ["404, which may heal", [404, 200], scheduled(2), "delivered"],
    ["no connection", ["unreachable", "unreachable", 200], scheduled(3), "delivered"],
    ["success at the last attempt", [...Array(7).fill(500), 200], scheduled(8), "delivered"],
    ["errors for ever", Array(20).fill(500), scheduled(8), "abandoned"],
    ["never reached", Array(20).fill("unreachable"), scheduled(8), "abandoned"],
    ["gone", [410, 200], [0], "abandoned"],
    ["gone later", [500, 410, 200], scheduled(2), "abandoned"],
    ["429 with seconds", [{ status: 429, retryAfter: "90" }, 200], [0, 90 * SECOND], "delivered"],
    ["503 with a date", [{ status: 503, retryAfter: later(600) }, 200], [0, 600 * SECOND], "delivered"],
    ["less than the schedule", [{ status: 503, retryAfter: "1" }, 200], scheduled(2), "delivered"],
    ["a date that has passed", [{ status: 503, retryAfter: later(-600) }, 200], scheduled(2), "delivered"],
    ["no sense", [{ status: 429, retryAfter: "soon" }, 200], scheduled(2), "delivered"],
    ["more than a day", [{ status: 429, retryAfter: "99999999" }, 200], [0, DAY], "delivered"],
    ["Retry-After with a 500 is not heard", [{ status: 500, retryAfter: "90" }, 200], scheduled(2), "delivered"],
  ])("%s", async (_name, script, times, end) => {
    start();
    world.script.set("whk_one", script);
    world.announce(notice("k", world.now));
    await world.pass(10 * DAY);
    expect(world.sent.map(({ at }) => at - BEGINNING)).toEqual(times);
    const rows = [...world.rows.values()];
    expect(rows.map(({ attempt, at }) => [attempt, at])).toEqual(times.map((at, nth) => [nth + 1, BEGINNING + at]));
    expect(rows.map(({ nextAt }) => nextAt)).toEqual([...world.sent.slice(1).map(({ at }) => at), null]);
    expect(rows.map(({ delivered }) => delivered)).toEqual(
      rows.map((_, nth) => end === "delivered" && nth === rows.length - 1),
    );
    expect(world.logged("webhook.abandoned")).toHaveLength(end === "abandoned" ? 1 : 0);
    expect(world.stored("delivery")).toEqual([]);
    expect(world.armedAt).toBeNull();
    // The same message under the same id each time, signed for its own moment.
    expect(new Set(world.sent.map(({ body }) => body)).size).toBe(1);
    for (const sent of world.sent) {
      expect(sent.headers["webhook-timestamp"]).toBe(String(Math.floor(sent.at / 1000)));
      expect(sent.headers["webhook-signature"]).toBe(world.expectedSignature(sent));
    }
  });

  test("chance adds at most a tenth to a wait", async () => {
    start();
    // Chance itself is below 1.
    world.random = 1;
    world.script.set("whk_one", Array(20).fill(500));
    world.announce(notice("k", world.now));
    await world.pass(10 * DAY);
    const gaps = world.sent.slice(1).map(({ at }, nth) => at - (world.sent[nth]?.at ?? 0));
    expect(gaps).toEqual(WAITS.map((wait) => wait + wait / 10));
  });

  test("why there was no status is told in the log", async () => {
    start([webhook("whk_one"), webhook("whk_two"), webhook("whk_three", { url: "https://10.0.0.1/hook" })]);
    world.sealedFor = "whk_two";
    world.script.set("whk_one", ["unreachable"]);
    world.announce(notice("k", world.now));
    await world.pass(SECOND);
    expect(world.sent.map(({ webhookId }) => webhookId)).toEqual(["whk_one"]);
    expect(Object.fromEntries([...world.rows.values()].map(({ webhookId, error }) => [webhookId, error]))).toEqual({
      whk_one: "the address could not be reached",
      whk_two: "the signing secret could not be opened",
      whk_three: "the address is not a public one over https",
    });
    // All three are tried again, and a secret that can be opened again is enough.
    world.sealedFor = null;
    await world.pass(MINUTE);
    expect(told().toSorted()).toEqual(["whk_one", "whk_one", "whk_two"]);
  });

  test.each([
    "http://example.com/",
    "https://localhost/",
    "https://user:word@example.com/",
    "https://[::1]/",
    "no address",
  ])("%s is never sent to", async (url) => {
    start([webhook("whk_one", { url })]);
    world.announce(notice("k", world.now));
    await world.pass(3 * DAY);
    expect(world.sent).toEqual([]);
    expect(world.rows.size).toBe(8);
  });

  test("a changed address is sent to from the next attempt on", async () => {
    start();
    world.script.set("whk_one", [500]);
    world.announce(notice("k", world.now));
    await world.pass(SECOND);
    world.change("whk_one", { url: "https://other.example.com/" });
    await world.pass(MINUTE);
    expect(world.sent).toHaveLength(2);
  });

  test.each(["disabled", "removed"] as const)("a webhook that is %s ends its deliveries", async (how) => {
    start();
    world.script.set("whk_one", Array(20).fill(500));
    world.announce(notice("k", world.now));
    await world.pass(SECOND);
    world.change("whk_one", { [how]: true });
    await world.pass(10 * DAY);
    expect(world.sent).toHaveLength(1);
    expect(world.rows.size).toBe(1);
    expect(world.stored("delivery")).toEqual([]);
    expect(world.logged("webhook.abandoned")).toEqual([]);
    world.change("whk_one", { [how]: false });
    await world.pass(10 * DAY);
    expect(world.sent).toHaveLength(1);
  });
});

test("a webhook that is disabled while its secret is opened is not sent to", async () => {
  start();
  world.unsealing = () => world.change("whk_one", { disabled: true });
  world.announce(notice("k", world.now));
  await world.pass(DAY);
  expect(world.sent).toEqual([]);
  expect(world.violations).toEqual([]);
  expect(world.stored("delivery")).toEqual([]);
});

describe("many at once", () => {
  const many = (count: number) => Array.from({ length: count }, (_, nth) => webhook(`whk_${nth}`));

  test("a slow receiver holds up nobody else, and one is sent to one at a time", async () => {
    start(many(2));
    world.script.set("whk_0", ["hang"]);
    for (let nth = 0; nth < 5; nth++) world.announce(notice(`${nth}`, world.now));
    const ringing = world.ring();
    await vi.waitFor(() => expect(world.sent.filter(({ webhookId }) => webhookId === "whk_1")).toHaveLength(5));
    expect(world.sent.filter(({ webhookId }) => webhookId === "whk_0")).toHaveLength(1);
    // A notice that comes meanwhile goes out as soon as the alarm has rung.
    world.announce(notice("late", world.now));
    expect(world.armedAt).toBe(world.now);
    await world.ring();
    await vi.waitFor(() => expect(world.sent.filter(({ webhookId }) => webhookId === "whk_1")).toHaveLength(6));
    // What is delivered is in the log although the run goes on.
    await vi.waitFor(() => expect(world.rows.size).toBe(6));
    expect(world.armedAt).toBe(world.now + MINUTE);
    world.hanging[0]?.release(200);
    await ringing;
    expect(told().toSorted()).toEqual([...Array(6).fill("whk_0"), ...Array(6).fill("whk_1")]);
    expect(world.stored("delivery")).toEqual([]);
  });

  test("four at once; those that do not answer have no second turn before everyone's first", async () => {
    start(many(9));
    for (let nth = 0; nth < 5; nth++) world.script.set(`whk_${nth}`, Array(3).fill("hang"));
    for (let nth = 0; nth < 3; nth++) world.announce(notice(`${nth}`, world.now));
    const ringing = world.ring();
    await vi.waitFor(() => expect(world.hanging).toHaveLength(4));
    for (let nth = 0; nth < 2; nth++) world.hanging.shift()?.release("unreachable");
    await vi.waitFor(() => expect(world.sent).toHaveLength(10));
    expect(new Set(told().slice(0, 9)).size).toBe(9);
    expect(told().slice(0, 4)).toContain(told()[9]);
    for (const { id } of many(5)) world.script.delete(id);
    for (const { release } of world.hanging) release(200);
    await ringing;
    expect(world.sent).toHaveLength(27);
    expect(world.mostUnderWay).toBe(4);
  });

  test("more webhooks than places take turns", async () => {
    start(many(6));
    for (let nth = 0; nth < 8; nth++) world.announce(notice(`${nth}`, world.now));
    await world.ring();
    const sent = told();
    expect(sent).toHaveLength(48);
    for (let until = 1; until <= sent.length; until++) {
      const counts = many(6).map(({ id }) => sent.slice(0, until).filter((one) => one === id).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(3);
    }
  });

  test("fifty attempts a run, and the rest in the next", async () => {
    start();
    for (let nth = 0; nth < 120; nth++) world.announce(notice(`${nth}`, world.now));
    await world.ring();
    expect(world.sent).toHaveLength(50);
    expect(world.armedAt).toBe(world.now);
    await world.ring();
    expect(world.sent).toHaveLength(100);
    await world.ring();
    expect(world.sent).toHaveLength(120);
    expect(new Set(world.sent.map(({ message }) => message.id)).size).toBe(120);
    expect(world.stored("delivery")).toEqual([]);
  });

  test("an object that dies in a run is woken within a minute, and sends again what was not noted", async () => {
    start();
    world.script.set("whk_one", ["hang"]);
    world.announce(notice("k", world.now));
    const ringing = world.ring();
    await vi.waitFor(() => expect(world.hanging).toHaveLength(1));
    world.evict();
    await ringing;
    expect(world.armedAt).toBe(world.now + MINUTE);
    await world.pass(MINUTE);
    expect(world.sent).toHaveLength(2);
    expect(world.sent[0]?.message.id).toBe(world.sent[1]?.message.id);
    expect([...world.rows.values()]).toMatchObject([{ attempt: 1, delivered: true }]);
  });
});
