import type { UsageEvent } from "../../../worker/canonical/usage-event.ts";
import type { Weather } from "./fake-postgres.ts";
import {
  CONFIGURATION_QUERY,
  configurationOf,
  countersOf,
  type JournalRow,
  limitsOf,
  type Observation,
  type Subject,
} from "./subject.ts";
import type { World } from "./world.ts";

/** The plain class over node:sqlite. */
export class MemorySubject implements Subject {
  readonly #world: World;
  /** An alarm that waits for a database that hangs. */
  #ringing: Promise<void> | null = null;

  constructor(world: World) {
    this.#world = world;
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
    await this.#world.wake();
  }

  async setBack(milliseconds: number): Promise<void> {
    this.#world.setBack(milliseconds);
  }

  /** Everything in memory is done in microtasks. */
  quiet(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
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

  commit: Subject["commit"] = async (edit) => this.#world.postgres.commit(edit);

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
      configuration: configurationOf(known ? storage.inspect(CONFIGURATION_QUERY) : []),
      limits: known ? limitsOf(core) : [],
      notices: [...this.#world.notices.keys()],
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
