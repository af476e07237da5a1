import type { RequestFacts } from "../../dialects/dialect.ts";
import { GatewayError } from "../../errors.ts";
import { withoutAddress } from "./end-user.ts";

/** What a request was part of, as far as its headers and body tell. */
export interface Caller {
  sessionId: string | null;
  agentId: string | null;
  client: string | null;
  endUser: string | null;
  tags: Record<string, string>;
}

const MAXIMUM_TAGS = 10;
const MAXIMUM_TAG_KEY = 32;
const MAXIMUM_TAG_VALUE = 64;
const MAXIMUM_TEXT = 256;
const MAXIMUM_CLIENT = 80;

const SESSION_HEADERS = ["x-gaia-session", "x-claude-code-session-id", "session_id", "session-id", "x-session-id"];
const AGENT_HEADERS = ["x-gaia-agent", "x-claude-code-agent-id"];

const first = (headers: Headers, names: readonly string[]): string | null => {
  for (const name of names) {
    const value = headers.get(name);
    if (value) return value.slice(0, MAXIMUM_TEXT);
  }
  return null;
};

/** Reads `x-gaia-tags: key=value, …`; throws `invalid_header` on more or longer ones than are kept. */
function readTags(header: string | null): Record<string, string> {
  const tags: Record<string, string> = {};
  if (header === null || header.trim() === "") return tags;
  const pairs = header.split(",");
  const refuse = (why: string) => new GatewayError("invalid_header", `x-gaia-tags: ${why}`, { param: "x-gaia-tags" });
  if (pairs.length > MAXIMUM_TAGS) throw refuse(`at most ${MAXIMUM_TAGS} tags are kept.`);
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    const key = pair.slice(0, Math.max(0, equals)).trim();
    const value = pair.slice(equals + 1).trim();
    if (key === "" || key.length > MAXIMUM_TAG_KEY) {
      throw refuse(`write key=value, keys of 1 to ${MAXIMUM_TAG_KEY} characters.`);
    }
    if (value.length > MAXIMUM_TAG_VALUE) throw refuse(`a value has at most ${MAXIMUM_TAG_VALUE} characters.`);
    Object.defineProperty(tags, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return tags;
}

/** The client program, as its user agent begins. */
export const clientOf = (headers: Headers): string | null =>
  headers.get("user-agent")?.slice(0, MAXIMUM_CLIENT) || null;

/** Who and what a request belongs to. `hash` is a keyed hash, hex. */
export async function readCaller(
  headers: Headers,
  facts: RequestFacts,
  hash: (text: string) => Promise<string>,
): Promise<Caller> {
  return {
    sessionId: first(headers, SESSION_HEADERS) ?? facts.session?.slice(0, MAXIMUM_TEXT) ?? null,
    agentId: first(headers, AGENT_HEADERS),
    client: clientOf(headers),
    endUser: facts.endUser === null ? null : (await withoutAddress(facts.endUser, hash)).slice(0, MAXIMUM_TEXT),
    tags: readTags(headers.get("x-gaia-tags")),
  };
}
