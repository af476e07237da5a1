import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { bearerToken, headerOf } from "./http.ts";

/** What a gateway sends as the key of a provider that is simulated, and begins those of further credentials with. */
const SIMULATED = "simulated";

/** Hexadecimal digits of a digest by which a key is known. */
const DIGITS = 8;

/**
 * Whose request it is, by the key that came with it: `default` for `simulated`, the name after `simulated-`, and for any
 * other key the beginning of its SHA-256, since keys are told to nobody. Empty without a key.
 */
export function accountOf(headers: IncomingHttpHeaders, query: URLSearchParams): string {
  const key =
    headerOf(headers["x-api-key"]) ||
    headerOf(headers["x-goog-api-key"]) ||
    query.get("key") ||
    bearerToken(headers.authorization);
  if (key === "") return "";
  if (key === SIMULATED) return "default";
  if (key.startsWith(`${SIMULATED}-`)) return key.slice(SIMULATED.length + 1);
  return createHash("sha256").update(key).digest("hex").slice(0, DIGITS);
}
