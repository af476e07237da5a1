import type { InferResponseType } from "hono/client";
import type { api } from "../api/client.ts";

export type WhatIfAnswer = InferResponseType<(typeof api.stats)["what-if"]["$post"]>;

/** What a period cost, and would have cost at another model's prices; nano-USD. */
export interface Supposed {
  requests: number;
  before: bigint;
  after: bigint;
  models: { model: string; requests: number; before: bigint; after: bigint }[];
  /** Requests that keep their cost, by why. */
  kept: { expired: number; unpriced: number; other_operation: number };
}

const NOTHING: Supposed = {
  ...{ requests: 0, before: 0n, after: 0n, models: [] },
  kept: { expired: 0, unpriced: 0, other_operation: 0 },
};

/** One answer after the other: a call looks at a part of the period, and the parts add up. */
export function withAnswer(
  known: Supposed = NOTHING,
  answer: Pick<WhatIfAnswer, "events" | "before_nano" | "after_nano" | "models" | "kept">,
): Supposed {
  const models = new Map(known.models.map((model) => [model.model, model]));
  for (const { model, events, before_nano, after_nano } of answer.models) {
    const before = models.get(model) ?? { model, requests: 0, before: 0n, after: 0n };
    models.set(model, {
      ...{ model, requests: before.requests + events },
      ...{ before: before.before + BigInt(before_nano), after: before.after + BigInt(after_nano) },
    });
  }
  return {
    requests: known.requests + answer.events,
    before: known.before + BigInt(answer.before_nano),
    after: known.after + BigInt(answer.after_nano),
    models: [...models.values()].sort((a, b) => (a.before > b.before ? -1 : a.before < b.before ? 1 : 0)),
    kept: {
      expired: known.kept.expired + answer.kept.expired,
      unpriced: known.kept.unpriced + answer.kept.unpriced,
      other_operation: known.kept.other_operation + answer.kept.other_operation,
    },
  };
}
