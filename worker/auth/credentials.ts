import { GatewayError } from "../errors.ts";
import { isPlayToken } from "./play-token.ts";

/** Longer than any key of ours or of a gateway one might move from. */
const MAXIMUM_LENGTH = 512;
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;
/** Gemini's methods under OpenAI's prefix: `/v1/models/{model}:{method}`, the model possibly with slashes. */
const GEMINI_METHOD = /^\/v1\/models\/.+:[A-Za-z]+$/;

const HOW = "Send it as Authorization: Bearer, x-api-key or x-goog-api-key.";

/** Only Gemini's clients put a key into the URL; elsewhere `?key=` is somebody's mistake and is ignored. */
const takesQueryKey = (path: string): boolean => path.startsWith("/v1beta/") || GEMINI_METHOD.test(path);

/** A key in a URL. URLs stand in logs that are not ours, so that nobody puts a playground's token there. */
function inUrl(key: string): string {
  if (isPlayToken(key)) throw new GatewayError("invalid_api_key", `A playground token is not taken from a URL. ${HOW}`);
  return key;
}

/** The tokens of an Authorization header. workerd joins repeated headers with a comma; a key never contains one. */
function bearerTokens(header: string | null): string[] {
  const tokens: string[] = [];
  for (const value of (header ?? "").split(",")) {
    const [scheme = "", ...rest] = value.trim().split(" ");
    if (scheme.toLowerCase() === "bearer") tokens.push(rest.join(" ").trim());
    // A second value without a scheme can only be a second credential, or a torn one.
    else if (tokens.length > 0) tokens.push(value.trim());
  }
  return tokens;
}

const headerValues = (header: string | null): string[] => (header ?? "").split(",").map((value) => value.trim());

/**
 * The one key a request presents, in whichever client's style. Says nothing about whether it is a good one.
 * Throws `missing_api_key`, `ambiguous_credentials` (two different keys) or `invalid_api_key` (cannot be anybody's key).
 */
export function readCredential(headers: Headers, url: URL): { key: string } {
  const presented = [
    ...bearerTokens(headers.get("authorization")),
    ...headerValues(headers.get("x-api-key")),
    ...headerValues(headers.get("x-goog-api-key")),
    ...(takesQueryKey(url.pathname) ? url.searchParams.getAll("key").map(inUrl) : []),
  ];
  const [key, ...others] = new Set(presented.filter((value) => value !== ""));
  if (key === undefined) throw new GatewayError("missing_api_key", `This request carries no API key. ${HOW}`);
  if (others.length > 0) {
    throw new GatewayError("ambiguous_credentials", "This request carries two different API keys. Send only one.");
  }
  if (key.length > MAXIMUM_LENGTH || !PRINTABLE_ASCII.test(key)) throw invalidApiKey();
  return { key };
}

/** The one answer to every key that does not hold, so that a forged key cannot be told from an unknown one. */
export const invalidApiKey = (): GatewayError => new GatewayError("invalid_api_key", "This API key is not valid.");
