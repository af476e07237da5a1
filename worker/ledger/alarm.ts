/** An object's one alarm. Each setting is billed as a row: it is only ever moved earlier. */
export class Alarm {
  /** How often it was set. */
  settings = 0;
  readonly #set: (at: number) => void;
  #armedAt: number | null = null;
  #rangFor = 0;

  /** @param set sets the platform's alarm, replacing an earlier setting; milliseconds since the epoch */
  constructor(set: (at: number) => void) {
    this.#set = set;
  }

  /** It rings; to be called before anything else then. */
  rings(): void {
    this.#rangFor = this.#armedAt ?? 0;
    this.#armedAt = null;
  }

  /**
   * Sets it for the earliest of these times, null standing for none. In whole milliseconds, rounded up, and never for the time
   * it rang for: the platform cuts a fraction off, so that it would ring before anything is due, and takes a second setting
   * for the same time for the one that is being served, which it forgets. Nor for the time 0, which never rings.
   */
  arm(times: readonly (number | null)[], notBefore = 0): void {
    const waiting = times.filter((at) => at !== null);
    if (waiting.length === 0) return;
    const earliest = Math.max(1, notBefore, Math.ceil(Math.min(...waiting)));
    const due = earliest === this.#rangFor ? earliest + 1 : earliest;
    if (this.#armedAt !== null && this.#armedAt <= due) return;
    this.#set(due);
    this.#armedAt = due;
    this.settings++;
  }
}
