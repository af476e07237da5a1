import type { Losses, WarningCode } from "../canonical/losses.ts";
import type { Part } from "../canonical/message.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import type { Source } from "../canonical/source.ts";
import { type ErrorCode, GatewayError } from "../errors.ts";
import { isObject, type JsonObject } from "../lib/json.ts";
import { ownValue } from "../lib/own-value.ts";

/**
 * What becomes of a field that has no canonical counterpart when the request goes to another dialect (DIALECTS §2.13). A
 * caller can live with slightly different sampling; it cannot live with wrong cardinality, missing data or a guarantee
 * it relies on: those are refused.
 */
export type Policy =
  | { do: "silent" }
  | { do: "warn"; code: WarningCode }
  | { do: "refuse"; code: ErrorCode; what: string };

export const silent: Policy = { do: "silent" };
export const warn = (code: WarningCode = "param_dropped"): Policy => ({ do: "warn", code });
export const refuse = (code: ErrorCode, what: string): Policy => ({ do: "refuse", code, what });

/** Policies by path, with `[]` for any index, in camelCase where a dialect has two spellings; others are a warning. */
export type Portability = Readonly<Record<string, Policy>>;

const patternOf = (path: string): string => path.replace(/\[\d+\]/g, "[]");
const camelCase = (path: string): string => path.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** A value that says nothing: dropping it loses nothing. */
const isEmpty = (value: unknown): boolean =>
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

function applyPolicy(path: string, policy: Policy, losses: Losses): void {
  switch (policy.do) {
    case "silent":
      return;
    case "warn":
      losses.add(policy.code, path);
      return;
    case "refuse":
      throw new GatewayError(policy.code, `'${path}' cannot be kept for this model: ${policy.what}`, { param: path });
  }
}

/** Names, or refuses, what is left of an object of a client's request. */
export function reportTree(rest: JsonObject, path: string, table: Portability, losses: Losses): void {
  for (const [key, value] of Object.entries(rest)) {
    const at = path === "" ? key : `${path}.${key}`;
    if (isEmpty(value)) continue;
    const pattern = patternOf(at);
    const policy = ownValue(table, pattern) ?? ownValue(table, camelCase(pattern));
    // Nothing is asked for by saying no to it.
    if (policy?.do === "refuse" && value === false) continue;
    if (policy !== undefined) applyPolicy(at, policy, losses);
    else if (isObject(value)) reportTree(value, at, table, losses);
    else losses.add("param_dropped", at);
  }
}

function* sourcesOfParts(parts: readonly Part[]): Generator<Source | undefined> {
  for (const part of parts) {
    yield part.source;
    if (part.type === "tool_result") yield* sourcesOfParts(part.content);
    if (part.type === "document" && part.media.kind === "parts") yield* sourcesOfParts(part.media.parts);
  }
}

function* sourcesOf(request: CanonicalRequest): Generator<Source | undefined> {
  yield request.source;
  for (const message of request.messages) {
    yield message.source;
    yield* sourcesOfParts(message.parts);
  }
  for (const tool of request.tools) {
    yield tool.source;
    yield tool.source?.holder;
  }
}

/** Names, or refuses, everything in the request that the canonical form has no place for. */
export function reportRest(request: CanonicalRequest, table: Portability, losses: Losses): void {
  for (const source of sourcesOf(request)) {
    if (source?.rest !== undefined) reportTree(source.rest, source.path, table, losses);
  }
}
