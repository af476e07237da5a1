import type { ConfigurationChange } from "../../../worker/canonical/tenant.ts";
import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type { AdmitRequest, SettleAnswer } from "../../../worker/ledger/contract.ts";
import { Administration, merge } from "./administration.ts";
import type { Asked, Command, Edition } from "./commands.ts";
import type { Weather } from "./fake-postgres.ts";
import { checkInvariants, checkNotices, checkSpent, checkStandings, same } from "./invariants.ts";
import { type Configuration, type Modelled, PlainLedger } from "./plain-ledger.ts";
import { requestFor, usedOf } from "./requests.ts";
import type { Observation, Subject } from "./subject.ts";
import { KEYS, START } from "./tree.ts";
import { isFurther, type Waiter, WaitingLine } from "./waiting-line.ts";
import { eventIdOf, requestOf, result } from "./world.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const HOLD_MS = 90_000;
const REST_MS = 10 * 60_000;
const LONGEST_WAIT_MS = 2_000;

/** Runs commands against a Ledger and a plain model of it side by side; throws at the first difference. */
export class Simulation {
  readonly #subject: Subject;
  readonly #model = new PlainLedger();
  readonly #administration = new Administration();
  readonly #latePushes: ConfigurationChange[] = [];
  readonly #parsed = new Map<string, UsageEvent>();
  /** How many events there were when each limit last changed in the Ledger. */
  readonly #since = new Map<string, number>();
  readonly #line = new WaitingLine(this.#model, HOLD_MS);
  #asked = 0;
  #now = START;
  /** The latest the clock has ever shown, and by how much it was set back in all. */
  #latest = START;
  #setBackMs = 0;
  #weather: Weather = "fine";
  /** An alarm waits for a database that hangs. */
  #ringing = false;
  /** The last look at the subject. */
  #seen: Observation | null = null;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  get answers(): ReadonlyMap<string, number> {
    return this.#model.answers;
  }

  async run(commands: readonly Command[]): Promise<void> {
    await this.#subject.setTime(START);
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
        return this.#admit(KEYS[command.key] as string, command.asked);
      case "admit again":
        return this.#admitAgain(command.nth);
      case "replace":
        return this.#replace(command);
      case "settle":
        return this.#settle(command.nths, command.percent);
      case "touch": {
        const event = this.#pick(command.nth);
        if (event === undefined) return;
        this.#model.touch(event, this.#now + HOLD_MS);
        return this.#subject.touch([event.handle]);
      }
      case "pass":
        return this.#pass(command.seconds * 1000);
      case "clock back":
        return this.#setBack();
      case "evict":
        this.#ringing = false;
        this.#line.clear();
        this.#model.restart(this.#now + HOLD_MS);
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
      case "push late": {
        const change = this.#latePushes.pop();
        if (change !== undefined) await this.#configure(change);
        return;
      }
      default:
        return this.#commit(command);
    }
  }

  #pick(nth: number): Modelled | undefined {
    const { events } = this.#model;
    return events[nth % Math.max(1, events.length)];
  }

  get #cold(): boolean {
    return this.#seen?.health.configVersion === null;
  }

  #admit(keyId: string, asked: Asked): Promise<void> {
    return this.#ask(requestFor(keyId, this.#now, eventIdOf(this.#asked++), asked));
  }

  /** A further attempt of an event whose row is still there: nobody makes one of an event that ended long ago. */
  async #replace({ nth, asked, stray }: Command & { do: "replace" }): Promise<void> {
    const event = this.#pick(nth);
    if (event === undefined || this.#cold || !this.#seen?.journal.some(({ seq }) => seq === event.handle)) return;
    const { keyId, startedAt, eventId, handle } = event;
    const request = asked === null ? event.again?.request : requestFor(keyId, startedAt, eventId, asked);
    if (request !== undefined) await this.#ask({ ...request, replaces: stray ? handle + 1 : handle });
  }

  async #ask(request: AdmitRequest): Promise<void> {
    const patience = Math.min(LONGEST_WAIT_MS, request.patience);
    const waiter: Waiter = { request, until: this.#now + patience, answer: null };
    const cold = this.#cold;
    let failure: unknown = null;
    const answered = this.#subject.admit(request).then(
      (answer) => {
        waiter.answer = answer;
        this.#line.answered(waiter);
      },
      (error: unknown) => {
        failure = error;
      },
    );
    await Promise.race([answered, this.#subject.quiet()]);
    if (cold) await this.#look();
    if (failure !== null) {
      if (cold && (this.#weather === "down" || this.#weather === "hang")) return;
      throw failure;
    }
    if (waiter.answer !== null) {
      this.#line.take(waiter, this.#now, patience > 0);
      // One that was refused has released nothing, so nobody is looked at, even where a clock set back would let them go.
      if (!isFurther(waiter)) return;
      await this.#quiet();
      return this.#line.released(this.#now);
    }
    const verdict = this.#model.decide(request, this.#now, patience > 0);
    same(`verdict on ${request.draft.eventId}, which waits`, verdict.is, "wait");
    this.#line.add(waiter);
  }

  /** The configuration may have changed; those who wait may have been answered for it. */
  async #reconfigured(forms: readonly Configuration[]): Promise<void> {
    const before = this.#model.configuration;
    const { configuration } = await this.#look();
    this.#line.reconfigured(forms, this.#now);
    if (configuration !== before) this.#line.released(this.#now);
  }

  async #admitAgain(nth: number): Promise<void> {
    const event = this.#pick(nth);
    if (event === undefined || this.#cold) return;
    if (!this.#seen?.journal.some(({ seq }) => seq === event.handle)) return;
    const answer = await this.#subject.admit(requestOf(event.keyId, this.#now, event));
    const denial = this.#model.denial(event.keyId);
    same("a repeated admit", answer.ok ? answer.handle : answer.code, denial ?? event.handle);
  }

  /**
   * Within a millisecond a restart takes results in the order of their admission. That matters where a correction empties a
   * bucket, so each has a millisecond of its own.
   */
  async #settle(nths: number[], percent: number): Promise<void> {
    let events = nths.map((nth) => this.#pick(nth)).filter((event) => event !== undefined);
    const expired = events.find(({ state }) => state === "expired");
    if (expired !== undefined) {
      await this.#pass(1);
      events = [expired];
    }
    const answers = await this.#subject.settle(
      events.map((event) => ({
        ...{ handle: event.handle, eventId: event.eventId },
        result: result(this.#now, usedOf(event, percent)),
      })),
    );
    await this.#quiet();
    for (const [index, event] of events.entries()) this.#settled(event, answers[index] as SettleAnswer, percent);
    this.#line.released(this.#now);
    if (expired !== undefined) await this.#pass(1);
  }

  #settled(event: Modelled, answer: SettleAnswer, percent: number): void {
    // The day begins when Postgres has it, which may have been at an earlier time than the expiry.
    const tooLate = event.state === "expired" && this.#latest - event.expiredAt >= DAY_MS - this.#setBackMs;
    const expected = { open: "settled", settled: "repeat", expired: "corrected", corrected: "repeat" }[event.state];
    if (!tooLate) same(`settling an event that is ${event.state}`, answer, expected);
    if (answer !== "settled" && answer !== "corrected") return;
    const { inputUncached, cacheRead, cacheWrite, output: outputTokens, costNano } = usedOf(event, percent);
    const inputTokens = inputUncached + cacheRead + cacheWrite;
    this.#model.charge(event, answer, { requests: 1, inputTokens, outputTokens, costNano }, this.#now);
  }

  async #commit(command: Edition): Promise<void> {
    const edit = this.#administration.edit(command, this.#now);
    if (edit === null) return;
    const change = await this.#subject.commit(edit);
    this.#administration.committed(edit, change.version);
    if (command.push === "late") this.#latePushes.push(change);
    if (command.push === "now") await this.#configure(change);
  }

  async #configure(change: ConfigurationChange): Promise<void> {
    const [before, cold] = [this.#model.configuration, this.#cold];
    const newest = change.version === this.#administration.version;
    const acknowledged = await this.#subject.configure(change).then(
      () => true,
      () => false,
    );
    await this.#quiet();
    await this.#reconfigured([merge(before, change)]);
    const version = this.#seen?.health.configVersion ?? 0;
    if (acknowledged && version < change.version)
      throw new Error(`version ${change.version} was acknowledged, not taken`);
    if (!newest || (cold && !acknowledged)) return;
    // Even where the versions in between could not be loaded, what was pushed is taken at once.
    const { keys, limits, organizations } = this.#model.configuration;
    const held = new Map([...keys, ...organizations, ...limits].map((record) => [record.id, record]));
    for (const record of [...change.keys, ...change.organizations, ...change.limits]) {
      const removed = "removed" in record && record.removed;
      same("a pushed record", held.get(record.id) ?? null, removed ? null : record);
    }
  }

  async #release(weather: Weather): Promise<void> {
    if (weather === "fine") {
      this.#weather = "fine";
      await this.#subject.weather("fine");
    }
    const done = await this.#subject.release(weather);
    if (this.#ringing) this.#ringing = !done;
    await this.#quiet();
    await this.#reconfigured([]);
  }

  async #pass(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    for (let rings = 0; ; rings++) {
      if (rings > 100) throw new Error("the alarm does not come to rest");
      const armedAt = this.#ringing ? null : (this.#seen?.armedAt ?? null);
      const next = Math.min(armedAt ?? Number.POSITIVE_INFINITY, this.#line.nextEnd);
      if (next > until) break;
      // A long outage is a thousand attempts alike; alarms may come late, so most of it is skipped.
      const skips = rings > 6 && this.#weather !== "fine";
      await this.#setTime(skips ? until : Math.max(this.#now, next));
      if (armedAt !== null && armedAt <= this.#now) await this.#ring();
    }
    await this.#setTime(until);
  }

  async #ring(): Promise<void> {
    this.#ringing = !(await this.#subject.ring());
    await this.#quiet();
    this.#model.expire(this.#now);
    this.#line.released(this.#now);
    await this.#reconfigured([]);
  }

  /** Sets the clock forward; those who have waited long enough must have been answered. */
  async #setTime(now: number): Promise<void> {
    this.#now = now;
    this.#latest = Math.max(this.#latest, now);
    await this.#subject.setTime(now);
    await this.#quiet();
    this.#line.passed(now);
  }

  async #setBack(): Promise<void> {
    this.#now -= HOUR_MS;
    this.#setBackMs += HOUR_MS;
    this.#line.setBack(HOUR_MS);
    await this.#subject.setBack(HOUR_MS);
  }

  /** Lets come what comes by itself; where every call is answered anyway, nothing does. */
  async #quiet(): Promise<void> {
    if (!this.#line.empty) await this.#subject.quiet();
  }

  async #look(): Promise<Observation> {
    const seen = await this.#subject.observe();
    const { configuration } = seen;
    const before = new Set(this.#model.configuration.limits);
    for (const limit of configuration.limits) {
      if (!before.has(limit)) this.#since.set(limit.id, this.#model.events.length);
    }
    this.#model.configure(configuration, this.#now);
    this.#seen = seen;
    return seen;
  }

  async #check(): Promise<Observation> {
    const seen = await this.#look();
    const { events } = this.#model;
    checkInvariants(events, seen, this.#parsed);
    checkStandings(this.#model, seen, this.#now);
    checkSpent(this.#model, this.#since);
    checkNotices(this.#model, seen);
    same("answers nobody waited for", this.#line.unread, 0);
    if (seen.health.configVersion === this.#administration.version) this.#administration.checkCopy(seen.configuration);
    const { open, waiting } = seen.health;
    if (!this.#ringing && open + waiting > 0 && seen.armedAt === null) {
      throw new Error("something waits and no alarm is armed");
    }
    return seen;
  }

  /** B4: after its deadline and one alarm a request has ended. */
  #checkEnded(): void {
    const [first] = this.#model.silent;
    if (first !== undefined && first.deadline <= this.#now) throw new Error(`B4 ${first.eventId} is overdue`);
  }

  /** The database comes back and nobody calls any more: everything must end, and then nothing may happen. */
  async #recover(): Promise<void> {
    await this.#release("fine");
    await this.#check();
    // As long as an hour more where the clock was set back.
    await this.#pass(REST_MS + 40 * HOUR_MS);
    const seen = await this.#check();
    same("B4 open at rest", seen.health.open, 0);
    same("waiting at rest", seen.health.waiting, 0);
    same("armed at rest", seen.armedAt, null);
    const dead = new Set(seen.dead.map(({ eventId }) => eventId));
    for (const { eventId, charged } of this.#model.events) {
      if (dead.has(eventId)) continue;
      const [first, second] = [seen.stored.get(`${eventId}/0`), seen.stored.get(`${eventId}/1`)];
      if (first === undefined) throw new Error(`E1 ${eventId} never came to Postgres`);
      same(`E5 what Postgres has of ${eventId}`, first.costNano + (second?.costNano ?? 0), charged.costNano);
    }
    await this.#pass(REST_MS);
    same("health after ten idle minutes", (await this.#subject.observe()).health, seen.health);
  }
}
