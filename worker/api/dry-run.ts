import type { DialectId } from "../canonical/dialect-id.ts";
import type { AccessRule } from "../canonical/model-access.ts";
import type { ModelRecord, RouteRecord } from "../canonical/tenant.ts";
import type { JsonObject } from "../lib/json.ts";

/** A request that is only thought of. */
export interface DryRequest {
  rootId: string;
  /** The client's wire format. */
  dialect: DialectId;
  /** As a client would send it; its model stands beside it. */
  body: JsonObject;
  model: string;
  /** Other models to be tried, as in `x-gaia-fallbacks`. */
  fallbacks: readonly string[];
  /** The conversation's name, as in `x-gaia-session`; null: as the body tells. */
  session: string | null;
  /** What the model's name means where the request would come from; null: no route. */
  route: RouteRecord | null;
  /** What the organizations say of models there. */
  access: AccessRule[];
  /** What the tenant knows of models beside the catalogue. */
  facts: ModelRecord[];
}

/** A target, and what would become of it. */
export interface DryTarget {
  provider: string;
  model: string;
  credential: string | null;
  /** Who named it. */
  from: "route" | "fallback" | "model";
  /** `first`: it would be asked; `next`: if those before it fail; `skipped`: it would not be asked. */
  outcome: "first" | "next" | "skipped";
  /** Why it would be skipped, or asked only later, in a stable word. */
  reason: string | null;
  message: string | null;
  /** The wire format it would be spoken to in; another than the client's means translation. */
  dialect: DialectId | null;
  /** What translation could not keep, as `code@path`. */
  warnings: string[];
}
