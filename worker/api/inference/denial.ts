import { GatewayError } from "../../errors.ts";
import type { Denial, LimitRefusal, Replan } from "../../ledger/contract.ts";
import { denied } from "./authenticate.ts";

/** The Ledger's no, as an error for the client: which node, which limit, how much is left, when it begins anew. */
export function errorOfDenial(denial: Denial | Replan): GatewayError {
  switch (denial.code) {
    case "limit":
      return limitReached(denial.limit);
    case "unbounded_request":
      return new GatewayError(
        "unbounded_request",
        `'${denial.param}': what this costs at most cannot be told, and this key has a hard limit on cost.`,
        { param: denial.param },
      );
    case "max_tokens_too_large":
      return new GatewayError("max_tokens_too_large", `At most ${denial.most} output tokens may be asked for here.`);
    case "model_not_priced":
      return new GatewayError(
        "model_not_priced",
        "This model has no price, and this key has a hard limit on cost. Ask an administrator to set one.",
        { param: "model" },
      );
    case "use_price":
    case "use_model":
      return new GatewayError("internal_error", "The request could not be planned.");
    default:
      return denied(denial.code);
  }
}

function limitReached(limit: LimitRefusal): GatewayError {
  const code = limit.reason === "exhausted" ? "insufficient_quota" : "rate_limit_exceeded";
  return new GatewayError(code, `The limit ${limit.limitId} is reached.`);
}
