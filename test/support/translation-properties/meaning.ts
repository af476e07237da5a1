import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import type { Message, Part, ToolCallPart, ToolResultPart } from "../../../worker/canonical/message.ts";
import type { CanonicalRequest, SettingName, Settings } from "../../../worker/canonical/request.ts";
import { arrangeHistory } from "../../../worker/dialects/arrange-history.ts";
import { compact } from "../../../worker/dialects/fields.ts";
import { asReminder } from "../../../worker/dialects/reminder.ts";
import { isObject, parseJson } from "../../../worker/lib/json.ts";

/**
 * What a request means, whichever dialect it was said in. Two requests that mean the same are equal here; what dialects
 * cannot tell apart is made the same on purpose, each time with its name:
 *
 * - **joined**: texts that follow each other in a turn are one (Chat keeps one text for an assistant's turn);
 * - **calls last**: in an assistant's turn texts stand before calls (Chat keeps no other order);
 * - **reminders**: instructions in the middle are marked text of the user where a model takes none (`role_repositioned`);
 * - **refusals**: are texts, since only OpenAI has a form for them;
 * - **thoughts**: go back to the vendor that had them, and to nobody else (`reasoning_state_dropped`);
 * - **free text**: is the one parameter of a function where there are only functions (`tool_emulated`);
 * - **results**: JSON is compared as JSON, and `{"output": x}` is x, as Google wraps what is no object; media of results
 *   stand among the user's (`part_converted`); that one failed is known where OpenAI, which has no flag, is not on the way
 *   (`param_dropped`);
 * - **labels**: a document's name is not kept by Google (`param_dropped`);
 * - **in words**: JSON mode is told in words as well where a vendor wants it so (`json_mode_emulated`);
 * - **sampling**: Claude takes none while it thinks (`param_dropped`).
 */
export interface Meaning {
  system: string;
  turns: Turn[];
  tools: unknown[];
  settings: Partial<Settings>;
}

interface Result {
  says: unknown;
  failed?: true;
}

type Turn =
  | { by: "user"; results: Result[]; text: string; media: string[] }
  | { by: "assistant"; text: string; calls: { name: string; args: unknown }[] };

/** Settings that a dialect has words for. */
const HAS: Record<ChatDialectId, SettingName[]> = {
  "openai-chat": words(`maxOutputTokens temperature frequencyPenalty presencePenalty seed stop toolChoice
    parallelToolCalls reasoningEffort responseFormat verbosity user cacheKey metadata`),
  "openai-responses": words(`maxOutputTokens temperature toolChoice parallelToolCalls reasoningEffort responseFormat
    verbosity user cacheKey metadata`),
  "anthropic-messages": words(
    "maxOutputTokens temperature topK stop toolChoice parallelToolCalls reasoningEffort responseFormat user",
  ),
  "google-generate-content":
    words(`maxOutputTokens temperature topK frequencyPenalty presencePenalty seed stop toolChoice
    reasoningEffort responseFormat`),
};

function words(text: string): SettingName[] {
  return text.trim().split(/\s+/) as SettingName[];
}

const JSON_IN_WORDS = /Answer with a single JSON object and nothing else: no prose, no code fence\.$/;

const label = /^Result of tool call .*:$/;

/** Google's wrapping taken off, and JSON as what it says. */
function said(text: string): unknown {
  const value = parseJson(text);
  if (!isObject(value)) return text;
  const { output, error } = value;
  const only = Object.keys(value).length === 1;
  if (only && typeof output === "string") return said(output);
  return only && typeof error === "string" ? said(error) : value;
}

const mediaOf = (part: Part): string[] =>
  (part.type === "image" || part.type === "document") && "data" in part.media ? [part.media.data] : [];

function callOf({ name, kind, arguments: text }: ToolCallPart): { name: string; args: unknown } {
  if (kind === "custom") return { name, args: { input: text } };
  return { name, args: text.trim() === "" ? {} : (parseJson(text) ?? { _raw: text }) };
}

function resultOf(result: ToolResultPart, flagged: boolean): Result {
  const texts = result.content.map((part) => (part.type === "text" ? part.text : ""));
  const says = said(texts.filter((text) => text !== "").join("\n"));
  return { says, ...(flagged && result.isError ? { failed: true as const } : {}) };
}

function turnsOf(messages: readonly Message[], flagged: boolean): Turn[] {
  const turns: Turn[] = [];
  const userTurn = (): Extract<Turn, { by: "user" }> => {
    const last = turns.at(-1);
    if (last?.by === "user") return last;
    const made = { by: "user" as const, results: [], text: "", media: [] };
    turns.push(made);
    return made;
  };
  for (const { role, parts } of messages) {
    if (role === "assistant") {
      const texts = parts.map((part) => (part.type === "text" || part.type === "refusal" ? part.text : ""));
      const calls = parts.filter((part) => part.type === "tool_call").map(callOf);
      turns.push({ by: "assistant", text: texts.join(""), calls });
      continue;
    }
    const turn = userTurn();
    if (role === "system") {
      turn.text += asReminder(parts.map((part) => (part.type === "text" ? part.text : "")).join("\n"));
      continue;
    }
    for (const part of parts) {
      if (part.type === "text") turn.text += label.test(part.text) ? "" : part.text;
      else if (part.type === "tool_result") {
        turn.results.push(resultOf(part, flagged));
        turn.media.push(...part.content.flatMap((one) => mediaOf(one as Part)));
      } else turn.media.push(...mediaOf(part));
    }
  }
  // A text that was all white space may be gone; nobody said anything by it.
  return turns.map((turn) => (turn.by === "user" ? { ...turn, media: [...turn.media].sort() } : turn));
}

function toolsOf({ tools }: CanonicalRequest): unknown[] {
  return tools.flatMap((tool): unknown[] => {
    if (tool.type === "builtin") return [];
    const described = { name: tool.name, description: tool.description ?? "" };
    if (tool.type === "custom") return [{ ...described, parameters: ["input"] }];
    const properties = isObject(tool.parameters?.properties) ? tool.parameters.properties : {};
    const free =
      Object.keys(properties).length === 1 &&
      isObject(properties.input) &&
      /free text/.test(String(properties.input.description));
    return [{ ...described, parameters: free ? ["input"] : properties }];
  });
}

function settingsOf(request: CanonicalRequest, among: readonly SettingName[]): Partial<Settings> {
  const kept: Partial<Settings> = {};
  for (const name of among) {
    const value = request.settings[name];
    if (value !== undefined) Object.assign(kept, { [name]: value });
  }
  // OpenAI has two words for the user.
  if (among.includes("user"))
    Object.assign(kept, compact({ user: request.settings.safetyId ?? request.settings.user }));
  // Without tools there is nothing to choose, or to call side by side; the rest is what it is by itself.
  if (request.tools.length === 0 || kept.toolChoice?.mode === "auto") delete kept.toolChoice;
  const none = request.tools.length === 0 || request.settings.toolChoice?.mode === "none";
  if (none || kept.parallelToolCalls !== false) delete kept.parallelToolCalls;
  if (kept.responseFormat?.type === "json_schema") {
    const { schema } = kept.responseFormat;
    kept.responseFormat = { type: "json_schema", schema };
  }
  return kept;
}

/** What `request` means, as far as both dialects have words for it. */
export function meaningOf(request: CanonicalRequest, one: ChatDialectId, other: ChatDialectId): Meaning {
  const arranged = arrangeHistory(request.messages, new Losses());
  const first = arranged.findIndex((message) => message.role !== "system");
  const system = arranged.slice(0, first < 0 ? undefined : first);
  const textOf = ({ parts }: Message) => parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  const thinks = !["none", undefined].includes(request.settings.reasoningEffort);
  const unsampled = thinks && [one, other].includes("anthropic-messages") ? ["temperature", "topK"] : [];
  const both = HAS[one].filter((name) => HAS[other].includes(name) && !unsampled.includes(name));
  return {
    system: system.map(textOf).join("").replace(JSON_IN_WORDS, ""),
    turns: turnsOf(
      arranged.slice(first < 0 ? arranged.length : first),
      [one, other].every((dialect) => !dialect.startsWith("openai")),
    ),
    tools: toolsOf(request),
    settings: settingsOf(request, both),
  };
}
