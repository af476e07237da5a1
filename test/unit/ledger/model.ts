import fc from "fast-check";
import type { ConfigurationChange } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type { Bound, SettleAnswer } from "../../../worker/ledger/contract.ts";
import { addSums, rollupName, type Sums, sumsOf, type Weather } from "./fake-postgres.ts";
import { KEY_AT, KEYS, PATH_OF, result, World } from "./world.ts";

const DAY_MS = 86_400_000;
const HOLD_MS = 90_000;

/** What may happen to a Ledger. `nth` picks one of the events so far, modulo their number. */
export type Command =
  | { do: "admit"; key: number; bound: Bound }
  | { do: "admit again"; nth: number }
  | { do: "settle"; nths: number[]; used: number }
  | { do: "touch"; nth: number }
  | { do: "pass"; seconds: number }
  | { do: "evict" }
  | { do: "weather"; weather: Weather }
  | { do: "release"; weather: Weather }
  | { do: "poison"; nth: number }
  | { do: "deliver again"; nth: number }
  | { do: "change key"; key: number; push: "now" | "late" | "lost" }
  | { do: "push late" };

const nth = fc.nat(40);
const weather = fc.constantFrom<Weather>("fine", "fine", "down", "ack lost", "hang");
const bound = fc.record({ inputTokens: fc.nat(5_000), outputTokens: fc.nat(5_000), costNano: fc.nat(1_000_000) });

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("admit" as const), key: fc.nat(2), bound }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("admit again" as const), nth }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      nths: fc.array(nth, { minLength: 1, maxLength: 4 }),
      used: fc.nat(6_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("touch" as const), nth }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("pass" as const), seconds: fc.constantFrom(0.1, 1, 40, 100, 90_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("evict" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("weather" as const), weather }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("release" as const),
      weather: fc.constantFrom<Weather>("fine", "down", "ack lost"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("poison" as const), nth }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("deliver again" as const), nth }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("change key" as const),
      key: fc.nat(2),
      push: fc.constantFrom("now" as const, "late" as const, "lost" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("push late" as const) }) },
);

export const commands = (maxLength: number): fc.Arbitrary<Command[]> => fc.array(command, { maxLength, size: "max" });

interface Modelled {
  eventId: string;
  handle: number;
  keyId: string;
  bound: Bound;
  state: "open" | "settled" | "expired" | "corrected";
  deadline: number;
  expiredAt: number;
  /** What the event has cost so far. */
  charged: Sums;
}

const used = (amount: number) => ({
  inputUncached: amount,
  cacheRead: amount >> 1,
  cacheWrite: amount >> 2,
  output: amount >> 3,
  reasoning: amount >> 4,
  costNano: amount * 11,
});

const same = (what: string, actual: unknown, expected: unknown): void => {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: is ${left}, should be ${right}`);
};

const METRICS = ["requests", "inputTokens", "outputTokens", "costNano"] as const;

function sameSums(what: string, of: string, actual: Sums = NOTHING, expected: Sums = NOTHING): void {
  if (METRICS.some((metric) => actual[metric] !== expected[metric])) same(`${what} ${of}`, actual, expected);
}

/** Runs commands against a Ledger and a plain model of it side by side. */
export class Simulation {
  readonly world = new World({ snapshotEvery: 4 });
  readonly #events: Modelled[] = [];
  readonly #latePushes: ConfigurationChange[] = [];
  /** An alarm that waits for a database that hangs. */
  #ringing: Promise<void> | null = null;
  /** Events by the text they were read from, so that a row is parsed once. */
  readonly #parsed = new Map<string, UsageEvent>();

  async run(commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      await this.#step(command);
      this.#check();
      if (command.do === "pass" && this.#ringing === null) this.#checkEnded();
    }
    await this.#recover();
  }

  async #step(command: Command): Promise<void> {
    const { world } = this;
    switch (command.do) {
      case "admit":
        return this.#admit(KEYS[command.key] as string, command.bound);
      case "admit again":
        return this.#admitAgain(command.nth);
      case "settle":
        return this.#settle(command.nths, command.used);
      case "touch": {
        const event = this.#pick(command.nth);
        if (event === undefined) return;
        world.core.touch([event.handle]);
        event.deadline = world.now + HOLD_MS;
        return;
      }
      case "pass":
        return this.#pass(command.seconds * 1000);
      case "evict":
        world.evict();
        this.#ringing = null;
        for (const event of this.#events) event.deadline = world.now + HOLD_MS;
        return;
      case "weather":
        world.postgres.weather = command.weather;
        return;
      case "release":
        world.postgres.release(command.weather);
        if (command.weather === "fine") world.postgres.weather = "fine";
        await this.#settleAlarm();
        return;
      case "poison": {
        const event = this.#pick(command.nth);
        if (event !== undefined && !world.postgres.events.has(`${event.eventId}/0`)) {
          world.postgres.poison.add(event.eventId);
        }
        return;
      }
      case "deliver again": {
        const { batches } = world.postgres;
        const batch = batches[command.nth % Math.max(1, batches.length)] ?? [];
        const stored = batch.filter(({ eventId, rev }) => world.postgres.events.has(`${eventId}/${rev}`));
        world.postgres.store([...stored, ...stored].reverse());
        return;
      }
      case "change key":
        return this.#changeKey(KEYS[command.key] as string, command.push);
      case "push late": {
        const change = this.#latePushes.pop();
        if (change !== undefined) await world.core.configure(change).catch(() => {});
        return;
      }
    }
  }

  #pick(nth: number): Modelled | undefined {
    return this.#events[nth % Math.max(1, this.#events.length)];
  }

  async #admit(keyId: string, bound: Bound): Promise<void> {
    const { world } = this;
    const request = world.request(keyId, { bound });
    const version = world.core.health().configVersion;
    const rows = this.#rows();
    let answer: Awaited<ReturnType<typeof world.core.admit>>;
    try {
      answer = await world.core.admit(request);
    } catch (error) {
      if (version === null && world.postgres.weather !== "fine") return;
      throw error;
    }
    if (!answer.ok) {
      const everDisabled = this.#disabled.has(keyId);
      if (!everDisabled) throw new Error(`refused ${keyId}: ${answer.code}`);
      same("rows after a denial", this.#rows(), rows);
      return;
    }
    if (this.#surelyDisabled.has(keyId)) throw new Error(`admitted a disabled key ${keyId}`);
    this.#events.push({
      eventId: request.draft.eventId,
      handle: answer.handle,
      keyId,
      bound,
      state: "open",
      deadline: world.now + HOLD_MS,
      expiredAt: 0,
      charged: { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 },
    });
  }

  async #admitAgain(nth: number): Promise<void> {
    const event = this.#pick(nth);
    if (event === undefined || this.#disabled.has(event.keyId)) return;
    const kept = this.world.storage.inspect("SELECT 1 FROM journal WHERE seq = ?", event.handle).length > 0;
    if (!kept) return;
    const answer = await this.world.core.admit(this.world.request(event.keyId, event));
    same("a repeated admit", answer.ok && answer.handle, event.handle);
  }

  #settle(nths: number[], amount: number): void {
    const { world } = this;
    const events = nths.map((nth) => this.#pick(nth)).filter((event) => event !== undefined);
    const settlements = events.map(({ handle, eventId }) => ({
      handle,
      eventId,
      result: result(world.now, used(amount)),
    }));
    const answers = world.core.settle(settlements);
    events.forEach((event, index) => {
      this.#settled(event, answers[index] as SettleAnswer, amount);
    });
  }

  #settled(event: Modelled, answer: SettleAnswer, amount: number): void {
    const late = event.state === "expired" && this.world.now - event.expiredAt >= DAY_MS;
    const expected = { open: "settled", settled: "repeat", expired: "corrected", corrected: "repeat" }[event.state];
    if (!late) same(`settling an event that is ${event.state}`, answer, expected);
    if (answer !== "settled" && answer !== "corrected") return;
    event.state = answer;
    const { inputUncached, cacheRead, cacheWrite, output, costNano } = used(amount);
    event.charged = {
      requests: 1,
      inputTokens: inputUncached + cacheRead + cacheWrite,
      outputTokens: output,
      costNano,
    };
  }

  readonly #disabled = new Set<string>();
  readonly #surelyDisabled = new Set<string>();

  async #changeKey(keyId: string, push: "now" | "late" | "lost"): Promise<void> {
    const { world } = this;
    const change = world.postgres.change(keyId, { disabled: true });
    this.#disabled.add(keyId);
    if (push === "late") this.#latePushes.push(change);
    if (push !== "now") return;
    const acknowledged = await world.core.configure(change).then(
      () => true,
      () => false,
    );
    // Even where the versions in between could not be loaded, the pushed key itself is taken at once.
    if (acknowledged || world.core.health().configVersion !== null) this.#surelyDisabled.add(keyId);
  }

  async #pass(milliseconds: number): Promise<void> {
    const { world } = this;
    const until = world.now + milliseconds;
    for (let rings = 0; world.armedAt !== null && world.armedAt <= until && this.#ringing === null; rings++) {
      if (rings > 100) throw new Error("the alarm does not come to rest");
      // A long outage is a thousand attempts alike; alarms may come late, so most of it is skipped.
      const skips = rings > 6 && world.postgres.weather !== "fine";
      world.now = skips ? until : Math.max(world.now, world.armedAt);
      this.#expire();
      this.#ringing = world.ring();
      await this.#settleAlarm();
    }
    world.now = until;
  }

  /** Waits for the alarm under way, unless the database hangs. */
  async #settleAlarm(): Promise<void> {
    if (this.#ringing === null) return;
    const over = this.#ringing.then(() => true);
    const done = await Promise.race([over, this.world.postgres.hung.then(() => false)]);
    if (done) this.#ringing = null;
  }

  #expire(): void {
    for (const event of this.#events) {
      if (event.state !== "open" || event.deadline > this.world.now) continue;
      event.state = "expired";
      event.expiredAt = this.world.now;
      event.charged = { requests: 1, ...event.bound };
    }
  }

  #rows(): number {
    if (!this.#hasTables()) return 0;
    return this.world.storage.inspect<{ n: number }>("SELECT count(*) AS n FROM journal")[0]?.n ?? 0;
  }

  /** Every invariant of the budget (B) and of the events (E) that must hold between any two commands. */
  #check(): void {
    const { world } = this;
    const { counters } = world.core;
    const held = new Map<string, Sums>();
    const settled = new Map<string, Sums>();
    for (const { state, keyId, bound, charged } of this.#events) {
      for (const node of [keyId, ...(PATH_OF[KEY_AT[keyId] as string] as string[])]) {
        addSums(held, node, state === "open" ? { requests: 1, ...bound } : NOTHING);
        addSums(settled, node, state === "open" ? NOTHING : charged);
      }
    }
    const known = new Map<string, UsageEvent>(world.postgres.events);
    const keptHandles = new Set<number>();
    for (const row of this.#journal()) {
      keptHandles.add(row.seq);
      for (const event of row.events) known.set(`${event.eventId}/${event.rev}`, event);
    }
    const dead = this.#dead();
    for (const event of dead) known.set(`${event.eventId}/${event.rev}`, event);
    const isDead = new Set(dead.map(({ eventId }) => eventId));

    const fromEvents = new Map<string, Sums>();
    for (const event of known.values()) {
      for (const node of [event.keyId, ...(PATH_OF[event.organizationId] as string[])]) {
        addSums(fromEvents, node, sumsOf(event));
      }
    }
    for (const node of [...KEYS, ...Object.values(KEY_AT)]) {
      const counted = counters.of(node);
      sameSums("B2 held of", node, counted.held, held.get(node));
      sameSums("B3 settled of", node, counted.settled, settled.get(node));
      sameSums("B6 journal and Postgres of", node, fromEvents.get(node), counted.settled);
    }
    for (const [organization, children] of CHILDREN) {
      const parts: Sums = { ...NOTHING };
      for (const child of children) addInto(parts, counters.of(child).settled);
      sameSums("B5 parts of", organization, parts, counters.of(organization).settled);
    }
    const rollup = new Map<string, Sums>();
    for (const event of world.postgres.events.values()) addSums(rollup, rollupName(event), sumsOf(event));
    for (const [name, sums] of rollup) sameSums("E3 rollup of", name, world.postgres.rollup.get(name), sums);
    for (const event of this.#events) {
      if (!keptHandles.has(event.handle) && !known.has(`${event.eventId}/0`)) throw new Error("E1 an event is lost");
      if (event.state === "open") continue;
      const revisions = [known.get(`${event.eventId}/0`), known.get(`${event.eventId}/1`)].filter(
        (e) => e !== undefined,
      );
      const cost = revisions.reduce((sum, { costNano }) => sum + costNano, 0);
      if (cost !== event.charged.costNano) same(`E2 cost of ${event.eventId}`, cost, event.charged.costNano);
      if (keptHandles.has(event.handle) || isDead.has(event.eventId)) continue;
      const stored = revisions.every(({ rev }) => world.postgres.events.has(`${event.eventId}/${rev}`));
      if (!stored) throw new Error(`E4 ${event.eventId} was deleted before Postgres had it`);
    }
    const { open, waiting } = world.core.health();
    same("open", open, this.#events.filter(({ state }) => state === "open").length);
    if (this.#ringing === null && open + waiting > 0 && world.armedAt === null) {
      throw new Error("something waits and no alarm is armed");
    }
  }

  /** B4: after its deadline and one alarm a request has ended. */
  #checkEnded(): void {
    const { now } = this.world;
    const overdue = this.#events.filter(({ state, deadline }) => state === "open" && deadline <= now);
    same("B4 overdue", overdue.length, 0);
  }

  /** The database comes back and nobody calls any more: everything must end, and then nothing may happen. */
  async #recover(): Promise<void> {
    const { world } = this;
    world.postgres.weather = "fine";
    world.postgres.release("fine");
    await this.#settleAlarm();
    await this.#pass(10 * 60_000);
    this.#check();
    same("B4 open", world.core.health().open, 0);
    same("outbox", world.core.health().waiting, 0);
    const isDead = new Set(this.#dead().map(({ eventId }) => eventId));
    for (const event of this.#events) {
      const { eventId } = event;
      const stored = world.postgres.events.has(`${eventId}/0`) || isDead.has(eventId);
      if (!stored) throw new Error(`E1 ${eventId} never reached Postgres`);
    }
    same("armed at rest", world.armedAt, null);
    const { statements } = world.storage;
    await this.#pass(10 * 60_000);
    same("statements at rest", world.storage.statements, statements);
  }

  #journal(): { seq: number; events: UsageEvent[] }[] {
    if (!this.#hasTables()) return [];
    const query = "SELECT seq, admission, result, correction FROM journal";
    return this.world.storage
      .inspect<{ seq: number; admission: string; result: string | null; correction: string | null }>(query)
      .map(({ seq, admission, result, correction }) => {
        const events: UsageEvent[] = [];
        if (result !== null) events.push(this.#eventOf(admission, result, 0));
        if (correction !== null) events.push(this.#eventOf(admission, correction, 1));
        return { seq, events };
      });
  }

  #eventOf(admission: string, result: string, rev: number): UsageEvent {
    const known = this.#parsed.get(result);
    if (known !== undefined && known.rev === rev && admission.includes(known.eventId)) return known;
    const { draft } = JSON.parse(admission) as { draft: UsageEvent };
    const event = { ...draft, ...(JSON.parse(result) as UsageEvent), rev };
    this.#parsed.set(result, event);
    return event;
  }

  #hasTables(): boolean {
    return this.world.core.health().configVersion !== null;
  }

  #dead(): UsageEvent[] {
    const { storage, postgres } = this.world;
    if (postgres.poison.size === 0 || !this.#hasTables()) return [];
    return storage
      .inspect<{ events: string }>("SELECT events FROM dead")
      .flatMap(({ events }) => JSON.parse(events) as UsageEvent[]);
  }
}

const NOTHING: Sums = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };

const addInto = (into: Sums, sums: Sums): void => {
  into.requests += sums.requests;
  into.inputTokens += sums.inputTokens;
  into.outputTokens += sums.outputTokens;
  into.costNano += sums.costNano;
};

/** The keys and organizations directly below each organization. */
const CHILDREN: [organization: string, children: string[]][] = Object.values(KEY_AT).map((organization) => [
  organization,
  [
    ...KEYS.filter((key) => KEY_AT[key] === organization),
    ...Object.values(KEY_AT).filter((child) => (PATH_OF[child] as string[])[1] === organization),
  ],
]);
