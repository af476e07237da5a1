import { GatewayError } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";

/** Checks that several dialects share. `null` counts as absent everywhere. */

const missing = (param: string): GatewayError =>
  new GatewayError("missing_required_parameter", `'${param}' is required. Add it to the request body.`, { param });

const wrongType = (param: string, expected: string): GatewayError =>
  new GatewayError("invalid_type", `'${param}' must be ${expected}.`, {
    param,
  });

/** A non-empty array, such as `messages`. */
export function requireNonEmptyArray(body: JsonObject, param: string): unknown[] {
  const value = body[param];
  if (value === undefined || value === null) throw missing(param);
  if (!Array.isArray(value)) throw wrongType(param, "an array");
  if (value.length === 0) {
    throw new GatewayError("missing_required_parameter", `'${param}' is empty. Give at least one element.`, { param });
  }
  return value;
}

/** A value that must be there, of any type the provider takes. */
export function requirePresent(body: JsonObject, param: string): unknown {
  const value = body[param];
  if (value === undefined || value === null) throw missing(param);
  return value;
}

export function optionalBoolean(body: JsonObject, param: string): boolean | undefined {
  const value = body[param];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") {
    throw new GatewayError("invalid_value", `'${param}' must be true or false.`, { param });
  }
  return value;
}

export function optionalString(body: JsonObject, param: string): string | null {
  const value = body[param];
  return typeof value === "string" && value !== "" ? value : null;
}

/** Fields that other gateways let a caller use to redirect a request; here they are refused. */
export function refuseRouting(body: JsonObject): void {
  for (const param of ["api_base", "base_url", "api_key"]) {
    if (Object.hasOwn(body, param)) {
      throw new GatewayError("unsupported_parameter", `'${param}' cannot be set by a request. Remove it.`, { param });
    }
  }
}
