import type { ChatDialectId, DialectId } from "../canonical/dialect-id.ts";
import { ENVELOPE_MARK, ENVELOPE_MARK_BASE64 } from "../canonical/envelope.ts";
import type { Losses } from "../canonical/losses.ts";
import { SENTINEL, signsCalls } from "../dialects/google-generate-content/signatures.ts";
import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from "../lib/json.ts";
import { editJson, type JsonPath } from "../lib/json-edit.ts";
import type { Target } from "./resolve.ts";

/**
 * A relay hands a request on as it is, but for what a conversation that has switched models carries with it, and for which
 * the vendor would refuse the whole request: reasoning state of other vendors, in our envelopes, and calls without the
 * thought or signature that the vendor wants of its own. It is mended at its place; everything else keeps its bytes.
 */

/** Places to change: a path, and what stands there instead (null: nothing), given how it is spelled now. */
type Changes = Map<string, string | null | ((spelled: string) => string)>;

const key = (path: JsonPath): string => JSON.stringify(path);

const isForeign = (value: unknown): boolean =>
  typeof value === "string" && (value.startsWith(ENVELOPE_MARK) || value.startsWith(ENVELOPE_MARK_BASE64));

/** What to tell Gemini in place of a signature it cannot check (thought signatures guide). */
const SENTINEL_JSON = JSON.stringify(SENTINEL);

/** A message or a content with what is inside it. */
interface Turn {
  path: JsonPath;
  object: JsonObject;
}

const turnsAt = (body: JsonObject, name: string, above: JsonPath = []): Turn[] =>
  arrayAt(body, name).flatMap((object, index) => (isObject(object) ? [{ path: [...above, name, index], object }] : []));

function cleanMessages(body: JsonObject, changes: Changes): void {
  for (const { path, object } of turnsAt(body, "messages")) {
    const blocks = arrayAt(object, "content");
    let kept = blocks.length;
    for (const [index, block] of blocks.entries()) {
      const at = [...path, "content", index];
      if (isForeign(stringAt(block, "signature")) || isForeign(stringAt(block, "data"))) {
        changes.set(key(at), null);
        kept--;
      }
      const citations = arrayAt(block, "citations");
      const foreign = citations.filter((citation) => isForeign(stringAt(citation, "encrypted_index")));
      if (foreign.length > 0 && foreign.length === citations.length) changes.set(key([...at, "citations"]), null);
      else {
        for (const [place, citation] of citations.entries()) {
          if (isForeign(stringAt(citation, "encrypted_index"))) changes.set(key([...at, "citations", place]), null);
        }
      }
    }
    // A turn that consisted of foreign thoughts alone says nothing any more.
    if (blocks.length > 0 && kept === 0) changes.set(key(path), null);
  }
  allowMissingThoughts(body, changes);
}

/**
 * With manual thinking Anthropic wants the thoughts of a turn whose calls are being answered. Where they were another
 * vendor's, or there were none, this one request goes without thinking.
 */
function allowMissingThoughts(body: JsonObject, changes: Changes): void {
  if (stringAt(objectAt(body, "thinking"), "type") !== "enabled") return;
  const last = turnsAt(body, "messages").findLast(({ object }) => object.role === "assistant");
  if (last === undefined) return;
  const blocks = arrayAt(last.object, "content");
  const calls = blocks.some((block) => stringAt(block, "type") === "tool_use");
  const thinks = blocks.some((block, index) => {
    const type = stringAt(block, "type");
    return (type === "thinking" || type === "redacted_thinking") && !changes.has(key([...last.path, "content", index]));
  });
  if (calls && !thinks) changes.set(key(["thinking"]), '{"type":"disabled"}');
}

function cleanItems(body: JsonObject, changes: Changes): void {
  for (const { path, object } of turnsAt(body, "input")) {
    if (object.type === "reasoning" && isForeign(object.encrypted_content)) changes.set(key(path), null);
  }
}

/** A token count may hold the whole request. */
const HOLDERS = ["generateContentRequest", "generate_content_request"];

function cleanContents(body: JsonObject, target: Target, changes: Changes): void {
  if (signsCalls(target.upstreamModel)) signFirstCalls(body, changes);
  const held = HOLDERS.flatMap((name) => turnsAt(objectAt(body, name) ?? {}, "contents", [name]));
  for (const { path, object } of [...turnsAt(body, "contents"), ...held]) {
    for (const [index, part] of arrayAt(object, "parts").entries()) {
      if (!isObject(part)) continue;
      const name = part.thoughtSignature === undefined ? "thought_signature" : "thoughtSignature";
      if (!isForeign(part[name])) continue;
      const at = [...path, "parts", index];
      if (part.functionCall !== undefined || part.function_call !== undefined)
        changes.set(key([...at, name]), SENTINEL_JSON);
      else if (part.text === "") changes.set(key(at), null);
      else changes.set(key([...at, name]), null);
    }
  }
}

/**
 * The first call of each step must be signed; a step may be told in several contents. Google asks for it since the user last
 * spoke, but what was sent once is sent again as it was, or the prompt's cache is of no use.
 */
function signFirstCalls(body: JsonObject, changes: Changes): void {
  let called = false;
  for (const { path, object } of turnsAt(body, "contents")) {
    if (object.role !== "model") called = false;
    for (const [index, part] of arrayAt(object, "parts").entries()) {
      const name = objectAt(part, "functionCall") === undefined ? "function_call" : "functionCall";
      if (object.role !== "model" || objectAt(part, name) === undefined || called) continue;
      called = true;
      if ((stringAt(part, "thoughtSignature") ?? stringAt(part, "thought_signature") ?? "") !== "") continue;
      changes.set(key([...path, "parts", index, name]), (call) => `${call},"thoughtSignature":${SENTINEL_JSON}`);
    }
  }
}

/** Members that carry reasoning in Chat by the conventions of hosts. */
const CHAT_REASONING = ["reasoning_details", "reasoning_content", "reasoning"];

function cleanChat(body: JsonObject, target: Target, changes: Changes): void {
  // OpenAI itself knows none of these members; other hosts may want theirs back.
  const vendorsOwn = target.provider.owner === "openai" && target.connection.vendorsOwn;
  for (const { path, object } of turnsAt(body, "messages")) {
    const details = arrayAt(object, "reasoning_details");
    const foreign = details.some((one) => isForeign(stringAt(one, "signature")) || isForeign(stringAt(one, "data")));
    if (foreign || (vendorsOwn && details.length > 0)) {
      for (const name of CHAT_REASONING) if (object[name] !== undefined) changes.set(key([...path, name]), null);
    }
    for (const [index, call] of arrayAt(object, "tool_calls").entries()) {
      const signature = stringAt(objectAt(objectAt(call, "extra_content"), "google"), "thought_signature");
      if (isForeign(signature)) changes.set(key([...path, "tool_calls", index, "extra_content"]), null);
    }
  }
}

const CLEANERS: Record<ChatDialectId, (body: JsonObject, target: Target, changes: Changes) => void> = {
  "openai-chat": cleanChat,
  "openai-responses": (body, _target, changes) => cleanItems(body, changes),
  "anthropic-messages": (body, _target, changes) => cleanMessages(body, changes),
  "google-generate-content": cleanContents,
};

/** What is looked for beside our envelopes. */
const MORE: Partial<Record<ChatDialectId, RegExp>> = {
  "openai-chat": /"reasoning_details"/,
  "anthropic-messages": /"enabled"/,
  "google-generate-content": /"function(?:C|_c)all"/,
};

/** A path as the client would write it. */
const spelled = (path: JsonPath): string =>
  path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    "",
  );

/**
 * The request's text without what another vendor's reasoning left in it; the same text when there is nothing. What is
 * taken out is named.
 */
export function cleanRelay(text: string, body: JsonObject, dialect: DialectId, target: Target, losses: Losses): string {
  if (dialect === "openai-embeddings") return text;
  const marked = text.includes(ENVELOPE_MARK) || text.includes(ENVELOPE_MARK_BASE64);
  const more = MORE[dialect];
  if (!marked && more?.test(text) !== true) return text;
  const changes: Changes = new Map();
  CLEANERS[dialect](body, target, changes);
  if (changes.size === 0) return text;
  for (const [path, change] of changes) {
    const steps = JSON.parse(path) as JsonPath;
    const adjusted = steps[0] === "thinking" ? "reasoning_adjusted" : "reasoning_state_dropped";
    losses.add(typeof change === "function" ? "signature_sentinel_used" : adjusted, spelled(steps));
  }
  return editJson(text, (path, now) => {
    const change = changes.get(key(path));
    return typeof change === "function" ? change(now()) : change;
  });
}
