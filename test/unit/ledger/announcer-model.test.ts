import fc from "fast-check";
import { expect, test } from "vitest";
import { StorageError } from "../../../worker/errors.ts";
import { notice, webhook } from "./announcer-notices.ts";
import { AnnouncerWorld, type Behaviour } from "./announcer-world.ts";
import { BEGINNING, ROOT, SQUAD, TEAM } from "./world.ts";

const DAY = 86_400_000;
const PATHS = [[SQUAD, TEAM, ROOT], [TEAM, ROOT], [ROOT]];
/** One at each level of the tree. */
const WEBHOOKS = [
  webhook("whk_root", { organizationId: ROOT }),
  webhook("whk_team", { organizationId: TEAM }),
  webhook("whk_squad", { organizationId: SQUAD, events: ["limit.threshold"] }),
];

type Step =
  | { do: "announce"; key: number; exhausted: boolean }
  | { do: "pass"; milliseconds: number }
  | { do: "ring" }
  | { do: "enable"; which: number; enabled: boolean }
  | { do: "postgres"; is: "fine" | "down" | "ack lost" }
  | { do: "answers"; which: number; answers: Behaviour[] }
  | { do: "evict" }
  | { do: "die in"; calls: number };

const which = fc.nat({ max: WEBHOOKS.length - 1 });
const answer = fc.oneof(
  fc.constantFrom<Behaviour>(200, 204, 302, 404, 410, 500, "unreachable"),
  fc.record({ status: fc.constantFrom(429, 503), retryAfter: fc.constantFrom("0", "77", "999999999", "never") }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("announce"), key: fc.nat({ max: 7 }), exhausted: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("pass"),
      milliseconds: fc.constantFrom(0, 1, 4_000, 60_000, 7_200_000, DAY),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("ring") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("enable"), which, enabled: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("postgres"), is: fc.constantFrom("fine", "down", "ack lost") }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("answers"), which, answers: fc.array(answer, { maxLength: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("evict") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("die in"), calls: fc.nat({ max: 12 }) }) },
);

interface Expected {
  /** `key/webhook` of every delivery there must be. */
  deliveries: Set<string>;
  keys: Set<number>;
  everDisabled: Set<string>;
}

async function take(world: AnnouncerWorld, given: Step, expected: Expected): Promise<void> {
  switch (given.do) {
    case "announce": {
      const { key, exhausted } = given;
      const organizationPath = PATHS[key % 3] as string[];
      const event = exhausted ? "limit.exhausted" : "limit.threshold";
      world.announce(notice(`${key}`, world.now, { event, organizationPath, body: { key } }));
      if (expected.keys.has(key)) return;
      expected.keys.add(key);
      for (const { id, organizationId, events, disabled } of world.webhooks) {
        const wanted = events.length === 0 || !exhausted;
        if (!disabled && wanted && organizationPath.includes(organizationId)) expected.deliveries.add(`${key}/${id}`);
      }
      return;
    }
    case "pass":
      return world.pass(given.milliseconds);
    case "ring":
      return world.ring();
    case "enable": {
      const { id } = WEBHOOKS[given.which] as (typeof WEBHOOKS)[number];
      world.change(id, { disabled: !given.enabled });
      if (!given.enabled) expected.everDisabled.add(id);
      return;
    }
    case "postgres":
      world.databaseFailure = given.is === "fine" ? null : new StorageError("connection reset", null);
      world.ackLost = given.is === "ack lost";
      return;
    case "answers":
      world.script.set(WEBHOOKS[given.which]?.id as string, [...given.answers]);
      return;
    case "evict":
      return world.evict();
    case "die in":
      world.dieIn = given.calls;
  }
}

const nameOf = (webhookId: string, { data }: { data: Record<string, unknown> }): string => `${data.key}/${webhookId}`;

function check(world: AnnouncerWorld, expected: Expected): void {
  const sends = Map.groupBy(world.sent, ({ webhookId, message }) => nameOf(webhookId, message));
  const logged = Map.groupBy(world.rows.values(), ({ webhookId, body }) => nameOf(webhookId, body));
  expect(world.stored("delivery")).toEqual([]);
  expect(world.armedAt).toBeNull();
  expect(world.mostUnderWay).toBeLessThanOrEqual(WEBHOOKS.length);
  expect(world.violations).toEqual([]);
  // Nobody was told what was not for them.
  for (const name of [...sends.keys(), ...logged.keys()]) expect(expected.deliveries).toContain(name);
  for (const name of expected.deliveries) {
    const rows = (logged.get(name) ?? []).toSorted((a, b) => a.attempt - b.attempt);
    const sent = sends.get(name) ?? [];
    // Every attempt is logged once. Only what a death lost between answer and row was sent again.
    expect(rows.map(({ attempt }) => attempt)).toEqual(rows.map((_, nth) => nth + 1));
    expect(sent.length).toBeGreaterThanOrEqual(rows.length);
    expect(sent.length).toBeLessThanOrEqual(rows.length + world.deaths);
    expect(new Set(sent.map(({ body }) => body)).size).toBeLessThanOrEqual(1);
    for (const one of sent) expect(one.headers["webhook-signature"]).toBe(world.expectedSignature(one));
    // It ends delivered or given up, unless its webhook was disabled on the way.
    const ended = rows.at(-1);
    if (!expected.everDisabled.has(name.split("/")[1] as string)) expect(ended?.nextAt).toBeNull();
    expect(rows.slice(0, -1).every(({ delivered, nextAt }) => !delivered && nextAt !== null)).toBe(true);
    if (ended?.nextAt === null && !ended.delivered) expect(ended.status === 410 || ended.attempt === 8).toBe(true);
  }
}

test("whatever receivers answer and whenever the object dies, each delivery ends and each attempt is logged once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (steps, random) => {
        const world = new AnnouncerWorld(WEBHOOKS);
        world.random = random;
        const expected: Expected = { deliveries: new Set(), keys: new Set(), everDisabled: new Set() };
        for (const given of steps) {
          // Within the time a key is remembered.
          if (world.now < BEGINNING + 20 * DAY) await take(world, given, expected);
        }
        world.dieIn = null;
        world.databaseFailure = null;
        await world.pass(12 * DAY);
        check(world, expected);
        world.storage.close();
      },
    ),
    { numRuns: 300 },
  );
});
