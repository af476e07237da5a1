import type { AdmitAnswer, AdmitRequest, Admitted, LimitRefusal } from "../../../worker/ledger/contract.ts";
import { boundAt, flows, isCalendar, needOf, type PlainLedger, type Verdict } from "./plain-ledger.ts";

export interface Asking {
  model: PlainLedger;
  request: AdmitRequest;
  now: number;
  /** Of the hold, if there will be one. */
  deadline: number;
}

const NOTHING = { requests: 0, inputTokens: 0, outputTokens: 0, costNano: 0 };
const RATES = ["requests", "input_tokens", "output_tokens", "total_tokens"] as const;

const differs = (what: string, actual: unknown, expected: unknown): string | null =>
  JSON.stringify(actual) === JSON.stringify(expected)
    ? null
    : `${what} is ${JSON.stringify(actual)}, should be ${JSON.stringify(expected)}`;

/** How an answer differs from the model's verdict; null: not at all, and the model has done the same. */
export function differenceOf(answer: AdmitAnswer, verdict: Verdict, asking: Asking): string | null {
  const { model, request, now } = asking;
  switch (verdict.is) {
    case "wait":
      return differs("the answer", answer, "to wait");
    case "denied":
      return differs("the answer", answer.ok ? "yes" : answer.code, verdict.code);
    case "known": {
      const { handle, state, again } = verdict.event;
      const told = state === "open" ? again?.told : { outputCap: null, lowered: false };
      if (!answer.ok) return differs("the answer", answer, told);
      const { outputCap, lowered } = answer;
      return differs("what was told before", { handle: answer.handle, outputCap, lowered }, { handle, ...told });
    }
    case "replanned": {
      if (answer.ok || answer.code !== "use_model") return differs("the answer", answer, "use_model");
      return verdict.by.some(({ id }) => id === answer.limitId) ? null : `${answer.limitId} has no reason to replan`;
    }
    case "refused": {
      if (answer.ok || (answer.code !== "limit" && answer.code !== "use_model"))
        return differs("the answer", answer, "no");
      const id = answer.code === "limit" ? answer.limit.limitId : answer.limitId;
      const limit = verdict.by.find((one) => one.id === id);
      if (limit === undefined) return `limit ${id} refuses nothing; these do: ${verdict.by.map((one) => one.id)}`;
      const code = model.replans(limit, request) ? "use_model" : "limit";
      if (answer.code !== "limit" || code !== "limit") return differs("the answer", answer.code, code);
      return refusalDifference(answer.limit, verdict, asking);
    }
    case "full":
    case "lowered":
      return answer.ok
        ? admissionDifference(answer, verdict, asking)
        : differs(`the answer at ${now}`, answer, verdict);
  }
}

function refusalDifference(refusal: LimitRefusal, verdict: Verdict & { is: "refused" }, asking: Asking): string | null {
  const { model, request, now } = asking;
  const limit = verdict.by.find(({ id }) => id === refusal.limitId);
  if (limit === undefined) return "no such limit";
  const figure = model.figure(limit, request.draft.startedAt, now, model.eventOf(request));
  const needed = needOf(limit, verdict.least);
  const held = limit.window === "now" ? "concurrency" : "held";
  const hopeless = flows(limit) && needed <= figure.amount ? "rate" : "exhausted";
  const reason = verdict.hopeless ? hopeless : held;
  if (reason === "exhausted" && isCalendar(limit)) {
    model.tell(limit, figure.amount, request.draft, "exhausted");
  }
  const { amount, settled, held: others } = refusal;
  return differs(
    "the refusal",
    { amount, settled, held: others, needed: refusal.needed, reason: refusal.reason },
    {
      ...figure,
      ...{ needed, reason },
    },
  );
}

/** What was admitted is what the model says; then the model holds it, and B1 is asked of every limit above. */
function admissionDifference(
  answer: Admitted,
  verdict: Verdict & { is: "full" | "lowered" },
  asking: Asking,
): string | null {
  const { model, request, now, deadline } = asking;
  const { keyId, draft } = request;
  const lowered = verdict.is === "lowered";
  if (answer.lowered !== lowered) return differs("lowered", answer.lowered, lowered);
  if (lowered) {
    const cap = answer.outputCap;
    if (cap === null) return "the hold was lowered and the cap was not";
    if (cap < verdict.floor || cap >= verdict.below)
      return `cap ${cap} is not within ${verdict.floor}..${verdict.below}`;
    if (!verdict.fits(cap)) return `cap ${cap} does not fit`;
  } else if (answer.outputCap !== verdict.cap) return differs("the cap", answer.outputCap, verdict.cap);
  const bound = lowered ? boundAt(request, answer.outputCap as number) : verdict.bound;
  const own = model.eventOf(request);
  if (own !== null) {
    if (answer.handle !== own.handle) return differs("the handle", answer.handle, own.handle);
    model.replace(own, bound, { now, deadline }, { request, told: { outputCap: answer.outputCap, lowered } });
  } else
    model.open({
      ...{ eventId: draft.eventId, handle: answer.handle, keyId, startedAt: draft.startedAt },
      bound,
      ...{ state: "open", deadline, expiredAt: 0, charged: { ...NOTHING } },
    });

  const limits = model.limitsOf(model.lineNow(keyId));
  const standings = limits.map((limit) => ({ limit, ...model.figure(limit, draft.startedAt, now) }));
  const blocking = standings.filter(({ limit }) => limit.mode === "block");
  for (const { limit, amount, settled, held } of blocking) {
    if (settled + held > amount) return `B1 ${limit.id} allows ${amount}, ${settled} are settled and ${held} held`;
  }
  const exceeded = standings
    .filter(({ limit, amount, settled, held }) => limit.mode === "warn" && settled + held > amount)
    .map(({ limit }) => `${limit.metric}/${limit.window}`);
  const rates = RATES.flatMap((metric) => {
    const left = blocking
      .filter(({ limit }) => limit.metric === metric)
      .map(({ amount, settled, held }) => Math.max(0, amount - settled - held));
    return left.length === 0 ? [] : [[metric, Math.min(...left)]];
  });
  const told = answer.rates.map(({ metric, remaining }) => [metric, remaining]);
  return (
    differs("exceeded", answer.exceeded.toSorted(), exceeded.toSorted()) ??
    differs("rates", told, rates) ??
    differs("limited", answer.principal.limited, blocking.length > 0 || model.ceiling(keyId) !== null)
  );
}
