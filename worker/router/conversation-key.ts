import { createHash } from "node:crypto";
import type { ChatDialectId, DialectId } from "../canonical/dialect-id.ts";
import { isObject, type JsonObject, stringAt } from "../lib/json.ts";
import { BILLING, CACHE_MARKS, LISTS } from "./prompt-prefixes.ts";

/** Where instructions stand beside the turns, in every spelling. */
const INSTRUCTIONS: Record<ChatDialectId, readonly string[]> = {
  "openai-chat": [],
  "openai-responses": ["instructions"],
  "anthropic-messages": ["system"],
  "google-generate-content": ["systemInstruction", "system_instruction"],
};

/** Of a longer text its two ends and its length tell it from others; a prompt may hold megabytes. */
const END = 1_024;
/** More turns than that before the user's first one, or more parts in one turn, are not looked at. */
const MOST = 64;

/**
 * What a conversation is known by, the same from its first turn to its last: the name that headers or body give it
 * (`readCaller`'s session, Responses' `conversation`), else a hash of its instructions and all up to the user's first
 * message. Null where there is neither: an answer that goes on from one the provider keeps has no beginning to be known by.
 */
export function conversationKey(body: JsonObject, dialect: DialectId, session: string | null): string | null {
  if (session !== null) return session;
  if (dialect === "openai-embeddings") return null;
  if (dialect === "openai-responses") {
    const { conversation } = body;
    const named = typeof conversation === "string" ? conversation : stringAt(conversation, "id");
    if (named !== undefined && named !== "") return named;
    if (body.previous_response_id !== undefined && body.previous_response_id !== null) return null;
  }
  const turns = turnsOf(body[LISTS[dialect]]);
  const first = turns.findIndex(isUsers);
  if (first < 0) return null;
  const told = INSTRUCTIONS[dialect].map((name) => textsOf(body[name]));
  const begun = turns.slice(Math.max(0, first - MOST), first + 1).map(textsOf);
  return createHash("sha256")
    .update(JSON.stringify([told, begun]))
    .digest("base64");
}

/** A lone text, or a lone turn, is the user's first. */
function turnsOf(list: unknown): readonly unknown[] {
  if (Array.isArray(list)) return list;
  if (typeof list === "string") return [{ role: "user", content: list }];
  return isObject(list) ? [list] : [];
}

/** Gemini's first turn needs no role, and has parts; of Responses' items what has no role is nobody's message. */
const isUsers = (turn: unknown): boolean =>
  isObject(turn) && (turn.role === "user" || (turn.role === undefined && turn.parts !== undefined));

/** What a turn, a part or an instruction says, however it is spelled: a text is the same in a block of its own. */
function textsOf(said: unknown): string[] {
  if (Array.isArray(said)) return said.slice(0, MOST).flatMap(textsOf);
  if (typeof said === "string") return said.startsWith(BILLING) ? [] : [shortened(said)];
  if (!isObject(said)) return [];
  if (typeof said.text === "string") return textsOf(said.text);
  const content = said.content ?? said.parts;
  if (content !== undefined) return textsOf(content);
  return [JSON.stringify(said, (key, one: unknown) => (CACHE_MARKS.includes(key) ? undefined : limited(one)))];
}

const limited = (value: unknown): unknown => {
  if (typeof value === "string") return shortened(value);
  return Array.isArray(value) ? value.slice(0, MOST) : value;
};

const shortened = (text: string): string =>
  text.length <= 2 * END ? text : `${text.slice(0, END)}\n${text.length}\n${text.slice(-END)}`;
