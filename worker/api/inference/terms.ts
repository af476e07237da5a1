import type { AdmitRequest } from "../../ledger/contract.ts";
import { type Bounded, boundOf } from "./bound.ts";

export interface Termed extends Bounded {
  /** Nothing the client asked for may be changed. */
  strict: boolean;
}

export type Terms = Pick<AdmitRequest, "bound" | "output" | "unboundedBy" | "priced">;

/** What a request can use at most, and how far its output cap may be lowered. */
export function termsOf({ strict, ...request }: Termed): Terms {
  const { bound, output, unboundedBy } = boundOf(request);
  return { bound, output: strict ? unchanged(output) : output, unboundedBy, priced: request.price !== null };
}

/** A strict client is refused rather than given less than it asked for. */
const unchanged = (output: Terms["output"]): Terms["output"] =>
  output === null ? null : { ...output, least: output.requested ?? output.assumed };
