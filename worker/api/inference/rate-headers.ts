import type { DialectId } from "../../canonical/dialect-id.ts";
import type { RateState } from "../../ledger/contract.ts";
import { isoTime } from "../../lib/iso-time.ts";

/** How the limits that bind stand, in the headers by which each vendor's clients know their rate limits. */

type Metric = RateState["metric"];

/** Of the limits on tokens the one that clients know a single name for: on all of them, else the tighter of the two. */
function tokensOf(rates: readonly RateState[]): RateState | undefined {
  const all = rates.find(({ metric }) => metric === "total_tokens");
  if (all !== undefined) return all;
  const parts = rates.filter(({ metric }) => metric === "input_tokens" || metric === "output_tokens");
  return parts.sort((left, right) => left.remaining - right.remaining)[0];
}

/** Milliseconds as Go writes a duration, which OpenAI's reset headers hold: `120ms`, `1s`, `6m0s`, `1h0m0s`. */
export function goDuration(milliseconds: number): string {
  const whole = Math.max(0, Math.ceil(milliseconds));
  if (whole < 1000) return whole === 0 ? "0s" : `${whole}ms`;
  const seconds = `${Math.floor((whole % 60_000) / 1000)}${whole % 1000 === 0 ? "" : `.${fraction(whole % 1000)}`}s`;
  const minutes = Math.floor(whole / 60_000) % 60;
  const hours = Math.floor(whole / 3_600_000);
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

const fraction = (thousandths: number): string => String(thousandths).padStart(3, "0").replace(/0+$/, "");

/** OpenAI's (API reference, "Rate limits in headers"): requests and tokens, with the time until they begin anew. */
function openaiHeaders(rates: readonly RateState[], now: number): Record<string, string> {
  const named = { requests: rates.find(({ metric }) => metric === "requests"), tokens: tokensOf(rates) };
  const headers: Record<string, string> = {};
  for (const [name, rate] of Object.entries(named)) {
    if (rate === undefined) continue;
    headers[`x-ratelimit-limit-${name}`] = String(rate.limit);
    headers[`x-ratelimit-remaining-${name}`] = String(rate.remaining);
    if (rate.resetsAt !== null) headers[`x-ratelimit-reset-${name}`] = goDuration(rate.resetsAt - now);
  }
  return headers;
}

/** Anthropic's names (API reference, "Rate limits"), but for the tokens of all kinds. */
const ANTHROPIC: Partial<Record<Metric, string>> = {
  requests: "requests",
  input_tokens: "input-tokens",
  output_tokens: "output-tokens",
};

/** Anthropic's: each kind of tokens for itself as well, with the moment at which it begins anew. */
function anthropicHeaders(rates: readonly RateState[]): Record<string, string> {
  const headers: Record<string, string> = {};
  const tell = (name: string, { limit, remaining, resetsAt }: RateState) => {
    headers[`anthropic-ratelimit-${name}-limit`] = String(limit);
    headers[`anthropic-ratelimit-${name}-remaining`] = String(remaining);
    const resets = secondsIso(resetsAt);
    if (resets !== null) headers[`anthropic-ratelimit-${name}-reset`] = resets;
  };
  for (const rate of rates) {
    const name = ANTHROPIC[rate.metric];
    if (name !== undefined) tell(name, rate);
  }
  const tokens = tokensOf(rates);
  if (tokens !== undefined) tell("tokens", tokens);
  return headers;
}

/** In whole seconds, as Anthropic writes it; the second in which it has happened. */
const secondsIso = (at: number | null): string | null =>
  isoTime(at === null ? null : Math.ceil(at / 1000) * 1000)?.replace(".000Z", "Z") ?? null;

/** The rate limit headers of an answer in the client's dialect; only what is limited is named. `now` in milliseconds. */
export const rateHeaders = (dialect: DialectId, rates: readonly RateState[], now: number): Record<string, string> =>
  dialect === "anthropic-messages" ? anthropicHeaders(rates) : openaiHeaders(rates, now);
