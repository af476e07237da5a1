import { setInterval } from "node:timers/promises";
import { type Child, type Program, startChild, tail } from "./child.ts";
import { StartError } from "./start-error.ts";
import { statusOf } from "./wait.ts";

/** A program that must keep running. */
export interface Part {
  program: Program;
  /** Asked now and then while it runs; left out where the process cannot live on without serving. */
  url?: string;
  /** Called before each start. */
  prepare?(): void;
  /** Resolves when it truly answers; throws when it does not come to that. */
  answers(child: Child): Promise<void>;
  /** Ended, and thereby started anew, after this part was: it still speaks to the old one. */
  dependent?: string;
}

interface Running {
  part: Part;
  child: Child;
  answering: boolean;
}

const MOST_RESTARTS = 3;
const RESTART_WINDOW_MS = 60_000;
const STOP_GRACE_MS = 8_000;
const WATCH_INTERVAL_MS = 5_000;
/** One unanswered question may be a busy machine. */
const MOST_MISSES = 1;

/** Runs the parts of a stack, each in its own process group, and starts again what ends by itself. */
export class Supervisor {
  readonly #dataDir: string;
  readonly #signal: AbortSignal;
  readonly #running = new Map<string, Running>();
  readonly #restarts: { name: string; at: number }[] = [];
  #queue: Promise<void> = Promise.resolve();

  /** `signal` ends the watch and every wait; ending the parts is `stop`'s. */
  constructor(dataDir: string, signal: AbortSignal) {
    this.#dataDir = dataDir;
    this.#signal = signal;
  }

  /** Starts a part and resolves when it answers. */
  async start(part: Part): Promise<void> {
    this.#signal.throwIfAborted();
    part.prepare?.();
    const child = await startChild(part.program, this.#dataDir);
    const running: Running = { part, child, answering: false };
    this.#running.set(part.program.name, running);
    await part.answers(child);
    running.answering = true;
  }

  pid(name: string): number | undefined {
    return this.#running.get(name)?.child.pid;
  }

  /** Watches all parts. Calls `onRestart` after each restart; rejects when one keeps ending, resolves at the signal. */
  async watch(onRestart: () => void): Promise<void> {
    const { promise: failed, reject: fail } = Promise.withResolvers<never>();
    const follow = (name: string): void => {
      const current = this.#running.get(name);
      void current?.child.exited.then(() => {
        this.#queue = this.#queue.then(() => this.#restart(name, follow, onRestart)).catch(fail);
      });
    };
    for (const name of this.#running.keys()) follow(name);
    await Promise.race([failed, this.#watchAnswers()]);
  }

  /** Ends the parts one after the other. */
  async stop(order: string[]): Promise<void> {
    for (const name of order) await this.#running.get(name)?.child.end(STOP_GRACE_MS);
  }

  async #restart(name: string, follow: (name: string) => void, onRestart: () => void): Promise<void> {
    const current = this.#running.get(name);
    if (this.#signal.aborted || !current?.child.hasExited()) return;
    this.#countRestart(current.child);
    console.error(`The ${name} has ended and is started again.`);
    // Its first process is gone, those that it has started may still hold the port.
    await current.child.end(0);
    await this.start(current.part);
    follow(name);
    const dependent = this.#running.get(current.part.dependent ?? "");
    await dependent?.child.end(STOP_GRACE_MS);
    onRestart();
  }

  #countRestart(child: Child): void {
    const now = performance.now();
    this.#restarts.push({ name: child.name, at: now });
    const recent = this.#restarts.filter(({ name, at }) => name === child.name && now - at < RESTART_WINDOW_MS);
    if (recent.length > MOST_RESTARTS) throw new StartError(`The ${child.name} keeps ending. ${tail(child)}`);
  }

  /** A wrangler whose outer workerd was killed lives on and accepts requests that it never answers: it is ended. */
  async #watchAnswers(): Promise<void> {
    const misses = new Map<Child, number>();
    try {
      for await (const _ of setInterval(WATCH_INTERVAL_MS, undefined, { signal: this.#signal })) {
        const running = [...this.#running.values()].filter(({ answering }) => answering);
        await Promise.all(
          running.map(async ({ part, child }) => {
            if (part.url === undefined) return;
            misses.set(child, (await statusOf(part.url)) === undefined ? (misses.get(child) ?? 0) + 1 : 0);
            if ((misses.get(child) ?? 0) > MOST_MISSES) await child.end(0);
          }),
        );
      }
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    }
  }
}
