import { isEnvelope, openState } from "../../canonical/envelope.ts";
import type { ThinkingPart } from "../../canonical/message.ts";
import type { ReasoningState } from "../../canonical/reasoning-state.ts";
import type { CanonicalRequest } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import { arrayAt, type JsonObject, stringAt } from "../../lib/json.ts";
import { isEffort } from "../effort.ts";
import type { Fields } from "../fields.ts";
import { effortAtOpenAi } from "../openai-settings.ts";
import type { SettingReader } from "../setting-reader.ts";
import { note } from "../settings.ts";

/** `reasoning` (reasoning guide): how much, and how much of it is shown as summaries; state is `encrypted_content`. */

export function decodeReasoning(fields: Fields, request: CanonicalRequest): void {
  const reasoning = fields.nested("reasoning");
  if (reasoning === undefined) return;
  const effort = reasoning.string("effort");
  if (effort !== undefined && isEffort(effort)) note(request, "reasoningEffort", effort, reasoning.at("effort"));
  else reasoning.leave("effort");
  const summary = reasoning.string("summary");
  if (summary === "auto" || summary === "concise" || summary === "detailed") {
    note(request, "reasoningSummary", summary, reasoning.at("summary"));
  } else reasoning.leave("summary");
}

/** What another dialect's client asked for. Summaries are asked for when it would show thoughts. */
export function encodeReasoning(
  request: CanonicalRequest,
  settings: SettingReader,
  target: TargetModel,
): JsonObject | undefined {
  const visible = settings.take("reasoningVisible");
  const summary = settings.take("reasoningSummary");
  const asked = ["reasoningEffort", "reasoningBudget", "reasoningMode"].some(
    (name) => request.settings[name as "reasoningEffort"] !== undefined,
  );
  const effort = effortAtOpenAi(settings, target);
  const shows = summary ?? ((visible ?? asked) ? "auto" : undefined);
  if (target.reasoning.support === "none" || (effort === undefined && shows === undefined)) return undefined;
  const hidden = visible === false || effort === "none";
  return { ...(effort === undefined ? {} : { effort }), ...(hidden || shows === undefined ? {} : { summary: shows }) };
}

/** The text of a reasoning item: its summaries, a blank line between two, or what an open model shows in full. */
export function textOfReasoning(item: unknown): string {
  const summaries = arrayAt(item, "summary").map((part) => stringAt(part, "text") ?? "");
  const content = arrayAt(item, "content").map((part) => stringAt(part, "text") ?? "");
  return summaries.length > 0 ? summaries.join("\n\n") : content.join("");
}

/** The state a reasoning item holds: OpenAI's own, or one that an envelope names. */
export function stateOfReasoning(item: unknown, model: string): ReasoningState | null {
  const value = stringAt(item, "encrypted_content");
  if (!value) return null;
  if (isEnvelope(value)) return openState(value);
  const id = stringAt(item, "id");
  return { owner: "openai", value, model, where: "thinking", ...(id ? { id } : {}) };
}

/** A thought for OpenAI: its own state, with the id that OpenAI gave it. */
export function reasoningItem({ text, state }: ThinkingPart): JsonObject | null {
  if (state === undefined) return null;
  return {
    type: "reasoning",
    ...(state.id === undefined ? {} : { id: state.id }),
    summary: text === "" ? [] : [{ type: "summary_text", text }],
    encrypted_content: state.value,
  };
}
