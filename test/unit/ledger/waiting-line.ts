import type { AdmitAnswer, AdmitRequest } from "../../../worker/ledger/contract.ts";
import { differenceOf } from "./answers.ts";
import { same } from "./invariants.ts";
import type { Configuration, PlainLedger } from "./plain-ledger.ts";

/** A request whose answer is outstanding, or has come. */
export interface Waiter {
  request: AdmitRequest;
  until: number;
  answer: AdmitAnswer | null;
}

/** Those who wait, in the order they came. Each answer is held against what the model says at that moment. */
export class WaitingLine {
  readonly #model: PlainLedger;
  readonly #holdMs: number;
  #waiters: Waiter[] = [];
  /** Who has been answered and not been looked at. */
  readonly #answered: Waiter[] = [];

  constructor(model: PlainLedger, holdMs: number) {
    this.#model = model;
    this.#holdMs = holdMs;
  }

  get empty(): boolean {
    return this.#waiters.length === 0;
  }

  /** When the next one has waited long enough. */
  get nextEnd(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#waiters.map(({ until }) => until));
  }

  /** Answers that nobody has looked at. */
  get unread(): number {
    return this.#answered.length;
  }

  answered(waiter: Waiter): void {
    this.#answered.push(waiter);
  }

  add(waiter: Waiter): void {
    this.#model.count("wait");
    this.#waiters.push(waiter);
  }

  clear(): void {
    this.#waiters = [];
  }

  setBack(milliseconds: number): void {
    for (const waiter of this.#waiters) waiter.until -= milliseconds;
  }

  /** Looks at the next answer, which must be this request's, and the model's. */
  take(waiter: Waiter, now: number, patient: boolean): void {
    const { eventId } = waiter.request.draft;
    same("the next answer", this.#answered.shift()?.request.draft.eventId ?? "none", eventId);
    const difference = this.#differenceOf(waiter, now, patient);
    if (difference !== null) throw new Error(`${eventId}: ${difference}`);
  }

  /** Something was released: of those who wait, exactly those who may go have gone, in the order they came. */
  released(now: number): void {
    let replaced = false;
    this.#waiters = this.#waiters.filter((waiter) => {
      if (this.#model.decide(waiter.request, now, true).is === "wait") return true;
      this.take(waiter, now, true);
      replaced ||= isFurther(waiter);
      return false;
    });
    // It may need less than the attempt before.
    if (replaced) this.released(now);
  }

  /** Time has passed: those who have waited long enough have been answered. */
  passed(now: number): void {
    const due = this.#waiters.filter(({ until }) => until <= now).sort((a, b) => a.until - b.until);
    this.#waiters = this.#waiters.filter(({ until }) => until > now);
    for (const waiter of due) this.take(waiter, now, false);
    if (due.some(isFurther)) this.released(now);
  }

  /** The configuration may have changed, more than once: each answer is right under one of its forms. */
  reconfigured(forms: readonly Configuration[], now: number): void {
    const last = this.#model.configuration;
    for (const waiter of this.#answered.splice(0)) {
      const { eventId } = waiter.request.draft;
      if (!this.#waiters.includes(waiter)) throw new Error(`${eventId} was answered twice`);
      this.#waiters = this.#waiters.filter((one) => one !== waiter);
      let difference: string | null = null;
      for (const form of [...forms, last]) {
        this.#model.configuration = form;
        difference = this.#differenceOf(waiter, now, true);
        if (difference === null) break;
      }
      this.#model.configuration = last;
      if (difference !== null) throw new Error(`${eventId}: ${difference}`);
    }
  }

  /** How the answer differs from what the model says; null: not at all, and the model has taken it. */
  #differenceOf({ request, answer }: Waiter, now: number, patient: boolean): string | null {
    const model = this.#model;
    const verdict = model.decide(request, now, patient);
    const asking = { model, request, now, deadline: now + this.#holdMs };
    const difference = differenceOf(answer as AdmitAnswer, verdict, asking);
    if (difference === null) model.count(nameOf(answer as AdmitAnswer));
    if (difference === null && request.replaces !== null) {
      model.count(verdict.is === "known" ? "known" : answer?.ok ? "replaced" : "not replaced");
    }
    return difference;
  }
}

/** Whether an attempt has taken another's place. */
export const isFurther = ({ request, answer }: Waiter): boolean => request.replaces !== null && answer?.ok === true;

function nameOf(answer: AdmitAnswer): string {
  if (answer.ok) return answer.lowered ? "lowered" : "admitted";
  return answer.code === "limit" ? answer.limit.reason : answer.code;
}
