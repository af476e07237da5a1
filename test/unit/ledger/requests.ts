import type { AdmitRequest } from "../../../worker/ledger/contract.ts";
import type { Asked } from "./commands.ts";
import type { Modelled } from "./plain-ledger.ts";
import { requestOf } from "./world.ts";

/** What the model in use answers with at most, in tokens. */
const MODEL_CAP = 64_000;

/** What a request used: so many percent of its bound. */
export function usedOf({ bound }: Modelled, percent: number) {
  const part = (of: number) => Math.floor((of * percent) / 100);
  const input = part(bound.inputTokens);
  const tokens = { inputUncached: input - (input >> 1) - (input >> 2), cacheRead: input >> 1, cacheWrite: input >> 2 };
  return { ...tokens, output: part(bound.outputTokens), reasoning: 0, costNano: part(bound.costNano) };
}

/** A request as the inference side would send it, its bound reckoned from its cap. */
export function requestFor(keyId: string, now: number, eventId: string, asked: Asked): AdmitRequest {
  const { inputTokens, output, ...rest } = asked;
  const inputCost = inputTokens * 3;
  if (output === null) {
    const bound = { inputTokens, outputTokens: 0, costNano: inputCost };
    return { ...requestOf(keyId, now, { eventId, bound }), ...rest, output };
  }
  const assumed = output.requested ?? MODEL_CAP;
  const outputTokens = assumed * output.candidates;
  const bound = { inputTokens, outputTokens, costNano: inputCost + Math.ceil((outputTokens * output.picoEach) / 1000) };
  return { ...requestOf(keyId, now, { eventId, bound }), ...rest, output: { ...output, assumed } };
}
