import type { Losses } from "../canonical/losses.ts";
import type { Message, Part, TextPart, ToolCallPart, ToolResultPart } from "../canonical/message.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { memberPath } from "../canonical/source.ts";
import type { TargetModel } from "../canonical/target-model.ts";
import { GatewayError } from "../errors.ts";
import { fnv1a } from "../lib/fnv1a.ts";
import { refuseMedia } from "./media-rules.ts";

/**
 * Brings a conversation into the order that every vendor takes, whatever the client's dialect allowed: neighbouring
 * assistant messages are one turn; all results of a turn's calls follow it, in the order of the calls, in one `tool`
 * message; what stood between them follows the results. Ids are made legal and unique. A call without a result, or a
 * result without a call, as clients leave them that shorten histories, is repaired and named. What only the client's own
 * vendor is told stays out. Depends on nothing but the conversation, so that a prefix of it gives a prefix of the result.
 */
export function arrangeHistory(conversation: readonly Message[], losses: Losses): Message[] {
  const messages = conversation.map((message) => ({
    ...message,
    parts: message.parts.flatMap((part) => portable(part, losses)),
  }));
  const arranged: Message[] = [];
  const ids = new CallIds();
  const last = messages.findLastIndex((message) => message.role === "assistant");
  for (let at = 0; at < messages.length; ) {
    const message = messages[at] as Message;
    if (message.role !== "assistant") {
      const { results, others } = split(message);
      for (const result of results) orphan(result, arranged, losses);
      if (others !== null) arranged.push(others);
      at++;
      continue;
    }
    const turn: Part[] = [];
    for (; messages[at]?.role === "assistant"; at++) turn.push(...(messages[at] as Message).parts);
    const followers: Message[] = [];
    for (; at < messages.length && messages[at]?.role !== "assistant"; at++) followers.push(messages[at] as Message);
    const source = message.source === undefined ? {} : { source: message.source };
    arranged.push({ role: "assistant", parts: joinThoughts(turn).map((part) => ids.renamed(part)), ...source });
    arranged.push(...afterTurn(turn, followers, ids, at > last && last < messages.length, losses));
  }
  return arranged;
}

/** What of a part can be told to another vendor than its own; in other words it is named. */
function portable<P extends Part>(part: P, losses: Losses): (P | TextPart)[] {
  if (part.type === "tool_result") {
    return [{ ...part, content: part.content.flatMap((inner) => portable(inner, losses)) }];
  }
  if (part.type !== "native" || part.elsewhere === undefined) return [part];
  const { elsewhere: text, source } = part;
  if (text === "") return [];
  losses.add("part_converted", source?.path ?? "messages");
  return [{ type: "text", text, ...(source === undefined ? {} : { source }) }];
}

/**
 * A streamed thought that a client kept piece by piece, its state on the last: the vendor's own is one text with that
 * state, and any other is refused as changed.
 */
function joinThoughts(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.type === "thinking" && last?.type === "thinking" && last.state === undefined)
      joined[joined.length - 1] = { ...part, text: last.text + part.text };
    else joined.push(part);
  }
  return joined;
}

/** A message without its results, and the results. */
function split(message: Message): { results: ToolResultPart[]; others: Message | null } {
  const results = message.parts.filter((part) => part.type === "tool_result");
  if (results.length === 0) return { results, others: message };
  const parts = message.parts.filter((part) => part.type !== "tool_result");
  if (parts.length === 0) return { results, others: null };
  return { results, others: { ...message, role: message.role === "tool" ? "user" : message.role, parts } };
}

/** A result whose call is not in the history: kept as what it says. */
function orphan(result: ToolResultPart, into: Message[], losses: Losses): void {
  losses.add("history_repaired", result.source?.path ?? "messages");
  for (const part of result.content)
    if (part.type === "native") losses.add("part_dropped", part.source?.path ?? "messages");
  const content = result.content.filter((part) => part.type !== "native") as Part[];
  into.push({ role: "user", parts: [{ type: "text", text: "[result of an earlier tool call]" }, ...content] });
}

/** What follows an assistant turn: its results in order, then everything else that stood there. */
function afterTurn(
  turn: readonly Part[],
  followers: readonly Message[],
  ids: CallIds,
  isLast: boolean,
  losses: Losses,
): Message[] {
  const calls = turn.filter((part) => part.type === "tool_call");
  const found = new Map<ToolCallPart, ToolResultPart>();
  const others: Message[] = [];
  const orphans: Message[] = [];
  for (const message of followers) {
    const { results, others: rest } = split(message);
    for (const result of results) {
      const call = callOf(result, calls, found);
      if (call === undefined) orphan(result, orphans, losses);
      else found.set(call, result);
    }
    if (rest !== null) others.push(rest);
  }
  const missing = calls.filter((call) => !found.has(call));
  if (missing.length > 0 && isLast) {
    const named = missing.map((call) => `'${call.id}'`).join(", ");
    throw new GatewayError(
      "missing_tool_result",
      `The last assistant turn calls tools whose results are missing: ${named}. Send a result for each.`,
      { param: missing[0]?.source?.path ?? "messages" },
    );
  }
  const results = calls.map((call) => {
    const result = found.get(call);
    if (result === undefined) losses.add("history_repaired", call.source?.path ?? "messages");
    const { name, namespace, kind } = call;
    const known = { callId: ids.of(call), name, kind, ...(namespace === undefined ? {} : { namespace }) };
    return { ...(result ?? lostResult(call)), ...known };
  });
  return [...(results.length > 0 ? [{ role: "tool" as const, parts: results }] : []), ...orphans, ...others];
}

const lostResult = (call: ToolCallPart): ToolResultPart => ({
  type: "tool_result",
  callId: call.id,
  kind: call.kind,
  content: [{ type: "text", text: "[no result recorded]" }],
  isError: true,
});

/**
 * The call a result belongs to, within the turn it follows: by id, by the call's other id (Responses' item id), else the
 * first open one of its name. Never by a table over the whole conversation: ids repeat in long ones.
 */
function callOf(
  result: ToolResultPart,
  calls: readonly ToolCallPart[],
  found: ReadonlyMap<ToolCallPart, unknown>,
): ToolCallPart | undefined {
  const open = calls.filter((call) => !found.has(call));
  if (result.callId !== "") {
    const byId = open.find((call) => call.id === result.callId || call.source?.form?.itemId === result.callId);
    if (byId !== undefined || result.name === undefined) return byId;
    // Gemini's ids are optional on either side: a name may pair what ids do not.
    if (calls.some((call) => call.source?.form?.hasId === true)) return undefined;
  }
  return open.find((call) => call.name === result.name);
}

/** Ids as every vendor takes them: legal characters, at most 64, none twice in a conversation. */
class CallIds {
  readonly #used = new Set<string>();
  readonly #of = new Map<ToolCallPart, string>();

  renamed(part: Part): Part {
    return part.type === "tool_call" ? { ...part, id: this.of(part) } : part;
  }

  of(call: ToolCallPart): string {
    const known = this.#of.get(call);
    if (known !== undefined) return known;
    const base = legalId(call.id);
    let id = base;
    for (let count = 2; this.#used.has(id); count++) id = `${base.slice(0, 60)}_${count}`;
    this.#used.add(id);
    this.#of.set(call, id);
    return id;
  }
}

/** An id without characters that Anthropic refuses; a changed one keeps apart from its like by the sum of its characters. */
export function legalId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return id;
  return `${id.replace(/[^A-Za-z0-9_-]/g, "_").slice(0, 48)}_${fnv1a(id)}`;
}

/**
 * Takes out what has no place where it stands, or none in any other dialect: a participant's name, calls of a user, results
 * and thoughts of the wrong side, and what earlier texts rested on.
 */
function withoutMisplaced(messages: readonly Message[], losses: Losses): Message[] {
  const stands = (role: Message["role"], part: Part): boolean => {
    const assistants = part.type === "tool_call" || part.type === "thinking";
    const placed = role === "assistant" ? part.type !== "tool_result" : !assistants;
    const code = part.type === "thinking" ? "reasoning_state_dropped" : "part_dropped";
    if (!placed) losses.add(code, part.source?.path ?? "messages");
    return placed;
  };
  return messages.map(({ name, ...message }) => {
    // A result is known by its call's name.
    if (name !== undefined && message.role !== "tool") losses.add("param_dropped", memberPath(message.source, "name"));
    const parts = message.parts.filter((part) => stands(message.role, part)).map((part) => uncited(part, losses));
    return { ...message, parts };
  });
}

/** A part without citations, which only their own vendor could read back; parts inside it likewise. */
function uncited<P extends Part>(part: P, losses: Losses): P {
  const inner = <I extends Part>(parts: readonly I[]): I[] => parts.map((one) => uncited(one, losses));
  if (part.type === "tool_result") return { ...part, content: inner(part.content) };
  if (part.type === "document" && part.media.kind === "parts") {
    return { ...part, media: { ...part.media, parts: inner(part.media.parts) } };
  }
  if (part.type !== "text" || part.citations === undefined) return part;
  losses.add("citation_dropped", memberPath(part.source, "citations"));
  const { citations: _, ...bare } = part;
  return bare as P;
}

/**
 * Takes reasoning out that the target could not read: every state of another owner, and thoughts that no state of the
 * target's own vouches for. `keepText`: the host wants earlier reasoning back as plain text.
 */
function keepOwnReasoning(
  messages: readonly Message[],
  target: TargetModel,
  losses: Losses,
  keepText = false,
): Message[] {
  const lose = (part: Part) => losses.add("reasoning_state_dropped", part.source?.path ?? "messages");
  const isOwn = (part: Part): boolean => "state" in part && part.state?.owner === target.owner;
  const readable = (part: Part, vouched: boolean): Part[] => {
    if (part.type === "thinking") {
      if (isOwn(part)) return [part];
      if (part.text === "" && part.state?.owner === "none") return [];
      const isStateless = part.state === undefined || part.state.owner === "none";
      const plain = keepText && part.text !== "";
      // Gemini signs the call, not the thought before it, and wants only the signature back.
      const isSpare = isStateless && (plain || vouched);
      if (!isSpare) lose(part);
      return plain ? [{ type: "thinking", text: part.text }] : [];
    }
    if ((part.type === "tool_call" || part.type === "text") && part.state !== undefined) {
      if (part.state.owner === target.owner) return [part];
      const { state, ...bare } = part;
      if (state.owner !== "none") lose(part);
      return [bare];
    }
    return [part];
  };
  return messages.map((message) => {
    const vouched = message.role === "assistant" && message.parts.some(isOwn);
    return { ...message, parts: message.parts.flatMap((part) => readable(part, vouched)) };
  });
}

/** A foreign client's history as the target can take it. */
export function arrangedFor(
  request: CanonicalRequest,
  target: TargetModel,
  losses: Losses,
  keepText = false,
): Message[] {
  refuseNothing(request);
  const history = arrangeHistory(withoutMisplaced(request.messages, losses), losses);
  refuseUntold(history.at(-1));
  return keepOwnReasoning(history, target, losses, keepText);
}

/** Content that is none: the provider would say so of a field of its own, or answer as if it were not there. */
function refuseNothing({ messages, source }: CanonicalRequest): void {
  const parts = messages.flatMap((message) => message.parts);
  const none = (param: string) =>
    new GatewayError("missing_required_parameter", `'${param}' holds no content. Give it some.`, { param });
  if (parts.length === 0) throw none(memberPath(source, "messages"));
  for (const part of parts.flatMap((one) => (one.type === "tool_result" ? one.content : [one]))) {
    if ("media" in part && part.media?.kind === "base64" && part.media.data === "") {
      throw none(part.source?.path ?? memberPath(source, "messages"));
    }
  }
}

/** What the user says last is what is asked: if nothing of it can be told, another question would be answered. */
function refuseUntold(last: Message | undefined): void {
  const [part] = last?.parts ?? [];
  if (last?.role === "user" && part?.type === "native" && last.parts.every(({ type }) => type === "native"))
    throw refuseMedia(`'${part.kind}'`, part.source);
}

/** The system messages at the beginning, and everything after. */
export function splitSystem(messages: readonly Message[]): { system: Message[]; rest: Message[] } {
  const first = messages.findIndex((message) => message.role !== "system");
  const at = first < 0 ? messages.length : first;
  return { system: messages.slice(0, at), rest: messages.slice(at) };
}
