import type { LimitStatus, OwnKey } from "../ledger/contract.ts";
import { isoTime } from "../lib/iso-time.ts";
import { usdFromNano } from "../lib/money.ts";
import type { AppContext } from "./context.ts";
import { askAsReader } from "./inference/authenticate.ts";

/** How a limit stands. Of whom it is, is told as far as it is the key's own affair: other organizations have no names here. */
function limitBody({ limit, amount, settled, held, resetsAt, state }: LimitStatus, keyId: string, home: string) {
  const figures = { amount, used: settled, held, remaining: Math.max(0, amount - settled - held) };
  const usd = (figure: number) => (limit.metric === "cost" ? usdFromNano(figure) : null);
  return {
    id: limit.id,
    of: limit.nodeId === keyId ? "key" : limit.nodeId === home ? "organization" : "above",
    metric: limit.metric,
    window: limit.window,
    mode: limit.mode,
    ...figures,
    amount_usd: usd(figures.amount),
    used_usd: usd(figures.used),
    held_usd: usd(figures.held),
    remaining_usd: usd(figures.remaining),
    state,
    resets_at: isoTime(resetsAt),
  };
}

const usageBody = ({ startedAt, resetsAt, settled, held }: OwnKey["usage"][number]) => ({
  from: isoTime(startedAt),
  until: isoTime(resetsAt),
  requests: settled.requests,
  input_tokens: settled.inputTokens,
  output_tokens: settled.outputTokens,
  cost_nano: settled.costNano,
  cost_usd: usdFromNano(settled.costNano),
  /** What requests under way may cost at most. */
  held_nano: held.costNano,
  held_usd: usdFromNano(held.costNano),
});

/** `GET /v1/key`: what a key may know of itself, as its Ledger has it at this moment. Needs `read`. */
export async function ownKey(c: AppContext): Promise<Response> {
  const services = c.get("services");
  const { principal, key } = await askAsReader(services, c.req.raw, (ledger, presented, from) =>
    ledger.ownKey(presented, from),
  );
  const { keyId, organizationId } = principal;
  const usageOf = (window: "day" | "month") => key.usage.filter((one) => one.window === window).map(usageBody)[0];
  return c.json({
    object: "key",
    id: keyId,
    name: key.name,
    organization: { id: organizationId, name: key.organization },
    permissions: principal.permissions,
    expires_at: isoTime(key.expiresAt),
    /** Set where the key was rotated and this text of it is the old one. */
    replaced_expires_at: isoTime(key.presentedUntil),
    models: key.models,
    ip_ranges: key.ipRanges,
    origins: key.origins,
    limits: key.limits.map((status) => limitBody(status, keyId, organizationId)),
    usage: { today: usageOf("day"), this_month: usageOf("month") },
    as_of: isoTime(services.now()),
  });
}
