import type { LimitMetric, LimitWindow } from "../../canonical/tenant.ts";
import { type ErrorOptions, GatewayError } from "../../errors.ts";
import type { Denial, LimitRefusal, RateState } from "../../ledger/contract.ts";
import { isoTime } from "../../lib/iso-time.ts";
import { usdFromNano } from "../../lib/money.ts";
import { denied } from "./authenticate.ts";

/** What the telling of a denial needs beside it. */
export interface Telling {
  /** Milliseconds since the epoch. */
  now: number;
  /** The path of the client's output cap, where it has one or would have. */
  capPath: string;
  /** From 0 to 1: clients that were sent away together do not come back together. */
  spread: number;
}

/** The Ledger's no, as an error for the client: which node, which limit, how much is left, when it begins anew. */
export function errorOfDenial(denial: Denial, telling: Telling): GatewayError {
  switch (denial.code) {
    case "limit":
      return limitReached(denial.limit, telling);
    case "unbounded_request":
      return new GatewayError(
        "unbounded_request",
        `'${denial.param}': what this costs at most cannot be told, and this key has a hard limit on cost.`,
        { param: denial.param },
      );
    case "max_tokens_too_large":
      return new GatewayError("max_tokens_too_large", `At most ${denial.most} output tokens may be asked for here.`, {
        param: telling.capPath,
      });
    case "model_not_priced":
      return new GatewayError(
        "model_not_priced",
        "This model has no price, and this key has a hard limit on cost. Ask an administrator to set one.",
        { param: "model" },
      );
    default:
      return denied(denial);
  }
}

/** A limit that sends what comes near its end to a cheaper model, told to a client that wants no change. */
export const substitutionRefused = (model: string, limitId: string): GatewayError =>
  new GatewayError(
    "insufficient_quota",
    `The limit ${limitId} is so near its end that requests go to '${model}' instead. Ask for that model, or send without x-gaia-strict.`,
    { param: "model", headers: { "x-gaia-limit": `${limitId}; reason=fallback` } },
  );

const UNITS: Record<LimitMetric, string> = {
  requests: "request",
  input_tokens: "input token",
  output_tokens: "output token",
  total_tokens: "token",
  cost: "USD",
  concurrent_requests: "request",
};

const WINDOWS: Record<LimitWindow, string> = {
  minute: "a minute",
  hour: "an hour",
  day: "a day",
  week: "a week",
  month: "a month",
  total: "in total",
  now: "at a time",
};

const counted = (metric: LimitMetric, amount: number): string => {
  if (metric === "cost") return `${usdFromNano(amount)} USD`;
  return `${amount} ${UNITS[metric]}${amount === 1 ? "" : "s"}`;
};

const remainingOf = ({ amount, settled, held }: LimitRefusal): number => Math.max(0, amount - settled - held);

function limitReached(limit: LimitRefusal, telling: Telling): GatewayError {
  const { limitId, nodeId, metric, window, reason, resetsAt } = limit;
  const remaining = remainingOf(limit);
  const wait = waitOf(limit, telling);
  const resets = isoTime(resetsAt);
  const told = [
    limitId,
    `node=${nodeId}`,
    `metric=${metric}`,
    `window=${window}`,
    `reason=${reason}`,
    `remaining=${metric === "cost" ? usdFromNano(remaining) : remaining}`,
    `resets=${resets ?? "never"}`,
  ].join("; ");
  return new GatewayError(reason === "exhausted" ? "insufficient_quota" : "rate_limit_exceeded", sentences(limit), {
    ...(metric.endsWith("_tokens") ? { counted: "tokens" } : {}),
    ...wait,
    headers: { ...wait.headers, "x-gaia-limit": told },
  });
}

/** Where waiting helps, for how long; the official SDKs take the milliseconds where they know them. */
function waitOf({ reason, resetsAt }: LimitRefusal, { now, spread }: Telling): ErrorOptions {
  if (reason === "exhausted") return {};
  const milliseconds =
    reason === "rate" ? Math.max(1, Math.ceil((resetsAt ?? now + 1000) - now)) : 1000 + Math.floor(spread * 1000);
  const retryAfter = Math.max(1, Math.ceil(milliseconds / 1000));
  const headers = { "retry-after-ms": String(milliseconds) };
  return { retryAfter, headers: reason === "rate" ? headers : { ...headers, "x-should-retry": "true" } };
}

/** For people: whose limit, how it stands, what is missing, and what to do. */
function sentences(limit: LimitRefusal): string {
  const { limitId, nodeName, metric, window, amount, settled, held, needed, reason } = limit;
  const whose = nodeName === null ? "this key" : `the organization '${nodeName}'`;
  const stand =
    metric === "concurrent_requests"
      ? `${counted(metric, held)} under way`
      : `${counted(metric, settled)} used, ${counted(metric, held)} held by requests under way, ${counted(metric, remainingOf(limit))} left`;
  const need = metric.endsWith("requests") ? "" : ` This request needs at least ${counted(metric, needed)}.`;
  return `The limit of ${whose} (${limitId}) is ${counted(metric, amount)} ${WINDOWS[window]}: ${stand}.${need} ${ADVICE[reason](isoTime(limit.resetsAt))}`;
}

const ADVICE: Record<LimitRefusal["reason"], (resets: string | null) => string> = {
  exhausted: (resets) =>
    resets === null
      ? "It does not begin anew by itself: ask an administrator to raise it."
      : `It begins anew at ${resets}; until then only an administrator can raise it.`,
  rate: (resets) => (resets === null ? "Try again in a moment." : `There is enough of it again at ${resets}.`),
  held: () => "Try again in a moment, when requests under way have ended.",
  concurrency: () => "Try again in a moment, when one of them has ended.",
};

/** The limit that stands in the way, as the rate limit headers tell it. */
export function ratesOfDenial(denial: Denial): RateState[] {
  if (denial.code !== "limit") return [];
  const { metric, amount, resetsAt } = denial.limit;
  if (metric === "cost" || metric === "concurrent_requests") return [];
  return [{ metric, limit: amount, remaining: remainingOf(denial.limit), resetsAt }];
}
