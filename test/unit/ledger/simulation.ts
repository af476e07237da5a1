import type { ConfigurationChange } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type { AdmitAnswer, Bound, SettleAnswer } from "../../../worker/ledger/contract.ts";
import type { Command } from "./commands.ts";
import type { Sums, Weather } from "./fake-postgres.ts";
import { checkInvariants, type Modelled, same } from "./invariants.ts";
import type { Observation, Subject } from "./subject.ts";
import { BEGINNING, eventIdOf, KEYS, requestOf, result } from "./world.ts";

const DAY_MS = 86_400_000;
const HOLD_MS = 90_000;
const REST_MS = 10 * 60_000;
const NOTHING: Sums = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };

const used = (amount: number) => ({
  inputUncached: amount,
  cacheRead: amount >> 1,
  cacheWrite: amount >> 2,
  output: amount >> 3,
  reasoning: amount >> 4,
  costNano: amount * 11,
});

/** Runs commands against a Ledger and a plain model of it side by side; throws at the first difference. */
export class Simulation {
  readonly #subject: Subject;
  readonly #events: Modelled[] = [];
  readonly #latePushes: ConfigurationChange[] = [];
  /** Keys disabled in Postgres, and those of them that the Ledger must know to be. */
  readonly #disabled = new Set<string>();
  readonly #surelyDisabled = new Set<string>();
  readonly #parsed = new Map<string, UsageEvent>();
  #now = BEGINNING;
  #weather: Weather = "fine";
  /** An alarm waits for a database that hangs. */
  #ringing = false;
  /** The last look at the subject. */
  #seen: Observation | null = null;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  async run(commands: readonly Command[]): Promise<void> {
    await this.#check();
    for (const command of commands) {
      await this.#step(command);
      await this.#check();
      if (command.do === "pass" && !this.#ringing) this.#checkEnded();
    }
    await this.#recover();
  }

  async #step(command: Command): Promise<void> {
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
        event.deadline = this.#now + HOLD_MS;
        return this.#subject.touch([event.handle]);
      }
      case "pass":
        return this.#pass(command.seconds * 1000);
      case "evict":
        this.#ringing = false;
        for (const event of this.#events) event.deadline = this.#now + HOLD_MS;
        return this.#subject.evict();
      case "weather":
        this.#weather = command.weather;
        return this.#subject.weather(command.weather);
      case "release":
        return this.#release(command.weather);
      case "poison": {
        const event = this.#pick(command.nth);
        if (event === undefined || this.#seen?.stored.has(`${event.eventId}/0`)) return;
        return this.#subject.poison(event.eventId);
      }
      case "deliver again":
        return this.#subject.deliverAgain(command.nth);
      case "change key":
        return this.#disable(KEYS[command.key] as string, command.push);
      case "push late": {
        const change = this.#latePushes.pop();
        if (change !== undefined) await this.#subject.configure(change).catch(() => {});
        return;
      }
    }
  }

  #pick(nth: number): Modelled | undefined {
    return this.#events[nth % Math.max(1, this.#events.length)];
  }

  async #admit(keyId: string, bound: Bound): Promise<void> {
    const eventId = eventIdOf(this.#events.length);
    const cold = this.#seen?.health.configVersion === null;
    let answer: AdmitAnswer;
    try {
      answer = await this.#subject.admit(requestOf(keyId, this.#now, { eventId, bound }));
    } catch (error) {
      if (cold && this.#weather !== "fine") return;
      throw error;
    }
    if (!answer.ok) {
      if (!this.#disabled.has(keyId)) throw new Error(`refused ${keyId}: ${answer.code}`);
      const rows = this.#seen?.journal.length;
      same("rows after a denial", (await this.#subject.observe()).journal.length, rows);
      return;
    }
    if (this.#surelyDisabled.has(keyId)) throw new Error(`admitted a disabled key ${keyId}`);
    const { handle } = answer;
    const deadline = this.#now + HOLD_MS;
    const charged = { ...NOTHING };
    this.#events.push({ eventId, handle, keyId, bound, state: "open", deadline, expiredAt: 0, charged });
  }

  async #admitAgain(nth: number): Promise<void> {
    const event = this.#pick(nth);
    if (event === undefined || this.#disabled.has(event.keyId)) return;
    if (!this.#seen?.journal.some(({ seq }) => seq === event.handle)) return;
    const answer = await this.#subject.admit(requestOf(event.keyId, this.#now, event));
    same("a repeated admit", answer.ok && answer.handle, event.handle);
  }

  async #settle(nths: number[], amount: number): Promise<void> {
    const events = nths.map((nth) => this.#pick(nth)).filter((event) => event !== undefined);
    const answers = await this.#subject.settle(
      events.map(({ handle, eventId }) => ({ handle, eventId, result: result(this.#now, used(amount)) })),
    );
    for (const [index, event] of events.entries()) this.#settled(event, answers[index] as SettleAnswer, amount);
  }

  #settled(event: Modelled, answer: SettleAnswer, amount: number): void {
    const tooLate = event.state === "expired" && this.#now - event.expiredAt >= DAY_MS;
    const expected = { open: "settled", settled: "repeat", expired: "corrected", corrected: "repeat" }[event.state];
    if (!tooLate) same(`settling an event that is ${event.state}`, answer, expected);
    if (answer !== "settled" && answer !== "corrected") return;
    event.state = answer;
    const { inputUncached, cacheRead, cacheWrite, output: outputTokens, costNano } = used(amount);
    event.charged = { requests: 1, inputTokens: inputUncached + cacheRead + cacheWrite, outputTokens, costNano };
  }

  async #disable(keyId: string, push: "now" | "late" | "lost"): Promise<void> {
    const cold = this.#seen?.health.configVersion === null;
    const change = await this.#subject.disable(keyId);
    this.#disabled.add(keyId);
    if (push === "late") this.#latePushes.push(change);
    if (push !== "now") return;
    const acknowledged = await this.#subject.configure(change).then(
      () => true,
      () => false,
    );
    // Even where the versions in between could not be loaded, the pushed key itself is taken at once.
    if (acknowledged || !cold) this.#surelyDisabled.add(keyId);
  }

  async #release(weather: Weather): Promise<void> {
    if (weather === "fine") {
      this.#weather = "fine";
      await this.#subject.weather("fine");
    }
    const done = await this.#subject.release(weather);
    if (this.#ringing) this.#ringing = !done;
  }

  async #pass(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    let armedAt = this.#seen?.armedAt ?? null;
    for (let rings = 0; armedAt !== null && armedAt <= until && !this.#ringing; rings++) {
      if (rings > 100) throw new Error("the alarm does not come to rest");
      // A long outage is a thousand attempts alike; alarms may come late, so most of it is skipped.
      const skips = rings > 6 && this.#weather !== "fine";
      await this.#setTime(skips ? until : Math.max(this.#now, armedAt));
      this.#expire();
      this.#ringing = !(await this.#subject.ring());
      ({ armedAt } = await this.#subject.observe());
    }
    await this.#setTime(until);
  }

  #setTime(now: number): Promise<void> {
    this.#now = now;
    return this.#subject.setTime(now);
  }

  #expire(): void {
    for (const event of this.#events) {
      if (event.state !== "open" || event.deadline > this.#now) continue;
      event.state = "expired";
      event.expiredAt = this.#now;
      event.charged = { requests: 1, ...event.bound };
    }
  }

  async #check(): Promise<Observation> {
    const seen = await this.#subject.observe();
    this.#seen = seen;
    checkInvariants(this.#events, seen, this.#parsed);
    const { open, waiting } = seen.health;
    if (!this.#ringing && open + waiting > 0 && seen.armedAt === null) {
      throw new Error("something waits and no alarm is armed");
    }
    return seen;
  }

  /** B4: after its deadline and one alarm a request has ended. */
  #checkEnded(): void {
    const overdue = this.#events.filter(({ state, deadline }) => state === "open" && deadline <= this.#now);
    same("B4 overdue", overdue.length, 0);
  }

  /** The database comes back and nobody calls any more: everything must end, and then nothing may happen. */
  async #recover(): Promise<void> {
    await this.#release("fine");
    await this.#check();
    await this.#pass(REST_MS);
    const seen = await this.#check();
    same("B4 open at rest", seen.health.open, 0);
    same("waiting at rest", seen.health.waiting, 0);
    same("armed at rest", seen.armedAt, null);
    const dead = new Set(seen.dead.map(({ eventId }) => eventId));
    for (const { eventId } of this.#events) {
      if (!seen.stored.has(`${eventId}/0`) && !dead.has(eventId))
        throw new Error(`E1 ${eventId} never came to Postgres`);
    }
    await this.#pass(REST_MS);
    same("health after ten idle minutes", (await this.#subject.observe()).health, seen.health);
  }
}
