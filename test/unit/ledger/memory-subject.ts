import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type { Weather } from "./fake-postgres.ts";
import { countersOf, type JournalRow, type Observation, type Subject } from "./subject.ts";
import { World } from "./world.ts";

/** The plain class over node:sqlite. */
export class MemorySubject implements Subject {
  readonly #world: World;
  /** An alarm that waits for a database that hangs. */
  #ringing: Promise<void> | null = null;

  constructor(snapshotEvery: number) {
    this.#world = new World({ snapshotEvery });
  }

  admit: Subject["admit"] = (request) => this.#world.core.admit(request);
  settle: Subject["settle"] = async (settlements) => this.#world.core.settle(settlements);
  touch: Subject["touch"] = async (handles) => this.#world.core.touch(handles);
  configure: Subject["configure"] = (change) => this.#world.core.configure(change);

  async evict(): Promise<void> {
    this.#ringing = null;
    this.#world.evict();
  }

  async setTime(now: number): Promise<void> {
    this.#world.now = now;
  }

  ring(): Promise<boolean> {
    this.#ringing = this.#world.ring();
    return this.#rung();
  }

  async weather(weather: Weather): Promise<void> {
    this.#world.postgres.weather = weather;
  }

  release(weather: Weather): Promise<boolean> {
    this.#world.postgres.release(weather);
    return this.#rung();
  }

  async poison(eventId: string): Promise<void> {
    this.#world.postgres.poison.add(eventId);
  }

  async deliverAgain(nth: number): Promise<void> {
    this.#world.postgres.deliverAgain(nth);
  }

  disable: Subject["disable"] = async (keyId) => this.#world.postgres.change(keyId, { disabled: true });

  async observe(): Promise<Observation> {
    const { core, storage, postgres, armedAt } = this.#world;
    const health = core.health();
    const known = health.configVersion !== null;
    const dead =
      known && postgres.poison.size > 0 ? storage.inspect<{ events: string }>("SELECT events FROM dead") : [];
    return {
      health,
      armedAt,
      counters: countersOf(core),
      journal: known ? storage.inspect<JournalRow>("SELECT seq, admission, result, correction FROM journal") : [],
      dead: dead.flatMap(({ events }) => JSON.parse(events) as UsageEvent[]),
      stored: postgres.events,
      rollup: postgres.rollup,
    };
  }

  async close(): Promise<void> {
    this.#world.storage.close();
  }

  async #rung(): Promise<boolean> {
    if (this.#ringing === null) return true;
    const over = this.#ringing.then(() => true);
    const done = await Promise.race([over, this.#world.postgres.hung.then(() => false)]);
    if (done) this.#ringing = null;
    return done;
  }
}
