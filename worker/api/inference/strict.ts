import type { Losses } from "../../canonical/losses.ts";
import { GatewayError } from "../../errors.ts";
import { warningsHeader } from "./warnings.ts";

/** With `x-gaia-strict: true` nothing may be lost. */
export function refuseLosses({ strict, losses }: { strict: boolean; losses: Losses }): void {
  const [first] = losses.warnings;
  if (strict && first !== undefined) throw strictError(losses, first.path, first.code);
}

/** The first loss is the error's field, the rest are counted; the header names them all, or a client would learn one a try. */
export function strictError(losses: Losses, path: string, code: string): GatewayError {
  const others = losses.warnings.filter((one) => one.path !== path || one.code !== code).length + losses.omitted;
  const more = others > 0 ? ` (and ${others} more)` : "";
  const named = warningsHeader(losses);
  return new GatewayError(
    "translation_loss",
    `'${path}' would not reach this model as it is: ${code}${more}. Leave it out, or send without x-gaia-strict.`,
    { param: path, headers: named === null ? {} : { "x-gaia-warnings": named } },
  );
}
