import { isEnvelope, openState, sealState } from "../../canonical/envelope.ts";
import type { Losses } from "../../canonical/losses.ts";
import type { Part, ThinkingPart } from "../../canonical/message.ts";
import type { ReasoningState, StateOwner } from "../../canonical/reasoning-state.ts";
import type { CanonicalRequest, Settings } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import { isObject, type JsonObject, objectAt, parseJson, stringAt } from "../../lib/json.ts";
import { isEffort } from "../effort.ts";
import type { Fields } from "../fields.ts";
import { effortAtOpenAi } from "../openai-settings.ts";
import type { SettingReader } from "../setting-reader.ts";

/**
 * Reasoning in Chat: how much of it is asked for (`reasoning_effort`, OpenRouter's `reasoning`), and how it is carried
 * (`reasoning_content`, `reasoning`, `reasoning_details`), which are conventions of hosts, not of OpenAI.
 */

/** Reads the two ways to ask for reasoning. */
export function decodeReasoning(fields: Fields, request: CanonicalRequest): void {
  const { settings, paths } = request;
  const effort = fields.string("reasoning_effort");
  if (effort !== undefined && isEffort(effort)) {
    settings.reasoningEffort = effort;
    paths.reasoningEffort = fields.at("reasoning_effort");
  } else fields.leave("reasoning_effort");
  const reasoning = isObject(fields.peek("reasoning")) ? fields.nested("reasoning") : undefined;
  if (reasoning === undefined) return;
  const inner = reasoning.string("effort");
  if (inner !== undefined && isEffort(inner) && settings.reasoningEffort === undefined) {
    settings.reasoningEffort = inner;
    paths.reasoningEffort = reasoning.at("effort");
  } else reasoning.leave("effort");
  const budget = reasoning.number("max_tokens");
  if (budget !== undefined) {
    settings.reasoningBudget = budget;
    paths.reasoningBudget = reasoning.at("max_tokens");
  }
  const enabled = reasoning.boolean("enabled");
  if (enabled !== undefined) {
    settings.reasoningMode = enabled ? "on" : "off";
    paths.reasoningMode = reasoning.at("enabled");
  }
  const exclude = reasoning.boolean("exclude");
  if (exclude !== undefined) {
    settings.reasoningVisible = !exclude;
    paths.reasoningVisible = reasoning.at("exclude");
  }
  const summary = reasoning.string("summary");
  if (summary === "auto" || summary === "concise" || summary === "detailed") {
    settings.reasoningSummary = summary;
    paths.reasoningSummary = reasoning.at("summary");
  } else reasoning.leave("summary");
}

/** Writes what a foreign client asked for. How much is shown is not Chat's to say: OpenAI shows nothing, others what there is. */
export function encodeReasoning(request: CanonicalRequest, settings: SettingReader, target: TargetModel): JsonObject {
  const visible = settings.take("reasoningVisible");
  const summary = settings.take("reasoningSummary");
  if (!target.quirks.has("reasoning_object")) {
    if (target.reasoning.support !== "none") {
      const shows = target.owner !== "openai";
      if (visible === !shows) settings.lose("reasoningVisible", "reasoning_adjusted");
      if (summary !== undefined && !(shows && summary === "auto"))
        settings.lose("reasoningSummary", "reasoning_adjusted");
    }
    const effort = effortAtOpenAi(settings, target);
    return effort === undefined ? {} : { reasoning_effort: effort };
  }
  settings.ignore("reasoningEffort", "reasoningBudget", "reasoningMode");
  const amount = amountOf(request.settings);
  const shown = { ...(visible === false ? { exclude: true } : {}), ...(summary === undefined ? {} : { summary }) };
  const reasoning = { ...amount, ...shown };
  return Object.keys(reasoning).length === 0 ? {} : { reasoning };
}

/** OpenRouter's `reasoning`: an effort or a budget, or only that there shall be some. */
function amountOf({
  reasoningEffort: effort,
  reasoningBudget: budget,
  reasoningMode: mode,
}: Settings): JsonObject | null {
  if (mode === "off" || effort === "none" || budget === 0) return { effort: "none" };
  if (budget !== undefined && budget > 0) return { max_tokens: budget };
  if (effort !== undefined) return { effort };
  return mode === undefined ? null : { enabled: true };
}

interface Details {
  thinking: ThinkingPart[];
  /** State that belongs to calls, by their id, or to the text (""). */
  states: Map<string, ReasoningState>;
}

/** What an entry has for a state. */
export const sealedIn = (detail: unknown): string => stringAt(detail, "signature") ?? stringAt(detail, "data") ?? "";

/** Google's own convention in Chat: a signature on a call. Only an envelope is ours to read. */
export const signatureOn = (call: unknown): string =>
  stringAt(objectAt(objectAt(call, "extra_content"), "google"), "thought_signature") ?? "";

/**
 * `reasoning_details` of a message. What stands there raw came from the host that speaks Chat itself and is kept as it is;
 * what the gateway carries for other vendors is in an envelope.
 */
export function decodeDetails(details: readonly unknown[], path: string, plain = ""): Details {
  const thinking: ThinkingPart[] = [];
  const states = new Map<string, ReasoningState>();
  const raw: unknown[] = [];
  for (const detail of details) {
    const sealed = sealedIn(detail);
    if (!isEnvelope(sealed)) {
      raw.push(detail);
      continue;
    }
    const state = openState(sealed);
    if (state?.where === "tool_call" || state?.where === "text") {
      states.set(state.where === "text" ? "" : (stringAt(detail, "id") ?? ""), state);
    } else {
      const text = stringAt(detail, "text") ?? "";
      thinking.push({ type: "thinking", text, ...(state === null ? {} : { state }), source: { path } });
    }
  }
  if (raw.length > 0) {
    const told = raw.map((detail) => stringAt(detail, "text") ?? stringAt(detail, "summary") ?? "").join("");
    const state: ReasoningState = { owner: "openrouter", value: JSON.stringify(raw), model: "", where: "thinking" };
    thinking.push({ type: "thinking", text: thinking.length === 0 ? plain || told : told, state, source: { path } });
  }
  return { thinking: withPlain(thinking, plain), states };
}

/** What the text beside the entries says and they do not is a thought, or thoughts, without state. */
function withPlain(entries: readonly ThinkingPart[], plain: string): ThinkingPart[] {
  const told = entries.map(({ text }) => text).join("");
  if (plain.length <= told.length) return [...entries];
  if (plain.endsWith(told)) return [{ type: "thinking", text: plain.slice(0, plain.length - told.length) }, ...entries];
  return plain.startsWith(told) ? [...entries, { type: "thinking", text: plain.slice(told.length) }] : [...entries];
}

const FORMATS: Record<StateOwner, string> = {
  anthropic: "anthropic-claude-v1",
  openai: "openai-responses-v1",
  google: "google-gemini-v1",
  openrouter: "unknown",
  none: "unknown",
};

/** A thought as an entry of `reasoning_details` for a Chat client. */
export function detailOf(part: ThinkingPart, index: number): JsonObject {
  const { state, text } = part;
  const format = FORMATS[state?.owner ?? "none"];
  if (state === undefined) return { type: "reasoning.text", text, format, index };
  const sealed = sealState(state);
  return text === ""
    ? { type: "reasoning.encrypted", data: sealed, format, index }
    : { type: "reasoning.text", text, signature: sealed, format, index };
}

/** State of a call or a text as an entry of `reasoning_details`. */
export const detailOfState = (state: ReasoningState, id: string | null, index: number): JsonObject => ({
  type: "reasoning.encrypted",
  data: sealState(state),
  ...(id === null ? {} : { id }),
  format: FORMATS[state.owner],
  index,
});

/** Earlier reasoning as the host wants it back; OpenAI itself takes none in Chat. */
export function encodeThoughts(parts: readonly Part[], target: TargetModel, losses: Losses): JsonObject {
  const thoughts = parts.filter((part) => part.type === "thinking");
  if (target.quirks.has("reasoning_details")) {
    const details = thoughts.flatMap((part) => {
      const held = part.state === undefined ? [] : parseJson(part.state.value);
      // Anyone can make an envelope, with anything in it.
      const vouched = Array.isArray(held) && held.every(isObject);
      if (!vouched) losses.add("reasoning_state_dropped", part.source?.path ?? "messages");
      return vouched ? held : [];
    });
    return details.length === 0 ? {} : { reasoning_details: details };
  }
  const text = thoughts.map((part) => part.text).join("");
  if (!target.quirks.has("reasoning_text")) {
    for (const part of parts)
      if ("state" in part && part.state !== undefined)
        losses.add("reasoning_state_dropped", part.source?.path ?? "messages");
  }
  return target.quirks.has("reasoning_text") && text !== "" ? { reasoning_content: text } : {};
}
