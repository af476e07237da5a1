import type { Losses } from "../../canonical/losses.ts";
import type { CanonicalRequest, Effort } from "../../canonical/request.ts";
import type { ReasoningKnobs, TargetModel } from "../../canonical/target-model.ts";
import type { JsonObject } from "../../lib/json.ts";
import { budgetOfEffort, effortOfBudget, isEffort, nearestEffort } from "../effort.ts";
import type { Fields } from "../fields.ts";
import type { SettingReader } from "../setting-reader.ts";
import { note } from "../settings.ts";

/** Thinking in Messages: `thinking` says whether and how, `output_config.effort` how hard (extended thinking guide). */

/** The least budget Anthropic takes. */
const LEAST = 1024;

export function decodeReasoning(fields: Fields, request: CanonicalRequest): void {
  const thinking = fields.nested("thinking");
  if (thinking !== undefined) {
    const type = thinking.string("type");
    const path = thinking.at("type");
    if (type === "enabled") note(request, "reasoningMode", "on", path);
    else if (type === "disabled") note(request, "reasoningMode", "off", path);
    else if (type === "adaptive" || type === "between_tools") note(request, "reasoningMode", type, path);
    else thinking.leave("type");
    note(request, "reasoningBudget", thinking.number("budget_tokens"), thinking.at("budget_tokens"));
    const display = thinking.string("display");
    if (display === "summarized" || display === "omitted") {
      note(request, "reasoningVisible", display === "summarized", thinking.at("display"));
    } else thinking.leave("display");
  }
}

/** `output_config.effort`; its sibling `format` is read with the settings. */
export function decodeEffort(config: Fields, request: CanonicalRequest): void {
  const effort = config.string("effort");
  if (effort !== undefined && isEffort(effort)) note(request, "reasoningEffort", effort, config.at("effort"));
  else config.leave("effort");
}

export interface EncodedReasoning {
  thinking?: JsonObject;
  effort?: string;
}

/**
 * What another dialect's client asked for, in the model's own way. `cap` is `max_tokens`, which thinking counts against:
 * it is never raised for thinking's sake. `impossible`: a call is forced, or the turn that is being continued lacks its
 * thoughts; manual thinking would be refused.
 */
export function encodeReasoning(
  settings: SettingReader,
  target: TargetModel,
  cap: number,
  impossible: boolean,
  losses: Losses,
): EncodedReasoning {
  const effort = settings.take("reasoningEffort");
  const budget = settings.take("reasoningBudget");
  const mode = settings.take("reasoningMode");
  const visible = settings.take("reasoningVisible");
  const summary = settings.take("reasoningSummary");
  // Claude's summaries are of one length.
  if (summary !== undefined && summary !== "auto") settings.lose("reasoningSummary", "reasoning_adjusted");
  const { reasoning: knobs } = target;
  const adaptive = knobs.support !== "none" && (knobs.adaptive ?? knobs.budget === undefined);
  const path = settings.path(
    effort !== undefined ? "reasoningEffort" : budget !== undefined ? "reasoningBudget" : "reasoningMode",
  );
  const adjusted = () => losses.add("reasoning_adjusted", path);
  const shown = visible ?? (summary === undefined ? undefined : true);
  const display = shown === undefined ? {} : { display: shown ? "summarized" : "omitted" };
  if (effort === undefined && budget === undefined && mode === undefined) {
    // Whoever asks to see thoughts wants there to be some; nobody wants some to be hidden.
    const thinks = adaptive && (shown === true || (shown === false && knobs.support !== "optional"));
    return thinks ? { thinking: { type: "adaptive", ...display } } : {};
  }
  if (knobs.support === "none") {
    if (mode !== "off" && effort !== "none") adjusted();
    return {};
  }
  if (mode === "off" || effort === "none" || budget === 0) return switchedOff(knobs, adjusted);
  const wanted = effort ?? (budget !== undefined && budget > 0 ? effortOfBudget(budget) : undefined);
  if (adaptive) {
    const strength = wanted === undefined ? undefined : effortAtAnthropic(wanted, knobs, adjusted);
    return { thinking: { type: "adaptive", ...display }, ...(strength === undefined ? {} : { effort: strength }) };
  }
  if (impossible) {
    adjusted();
    return switchedOff(knobs, adjusted);
  }
  const asked = budget !== undefined && budget > 0 ? budget : budgetOfEffort(wanted ?? "medium");
  const tokens = Math.min(Math.max(asked, LEAST), knobs.budget?.most ?? asked, cap - 1);
  if (budget !== undefined && tokens !== asked) adjusted();
  if (tokens < LEAST) {
    adjusted();
    return switchedOff(knobs, adjusted);
  }
  return { thinking: { type: "enabled", budget_tokens: tokens, ...display } };
}

/** Messages has no `minimal`, and not every model every word. */
function effortAtAnthropic(wanted: Effort, { efforts }: ReasoningKnobs, adjusted: () => void): string {
  const known = nearestEffort(wanted === "minimal" ? "low" : wanted, efforts);
  if (known !== wanted && wanted !== "minimal") adjusted();
  return known;
}

/** Some models cannot be told not to think; the least they offer is taken, and said. */
function switchedOff(knobs: ReasoningKnobs, adjusted: () => void): EncodedReasoning {
  if (knobs.disabled === true || knobs.adaptive !== true) return { thinking: { type: "disabled" } };
  adjusted();
  return knobs.betweenTools === true ? { thinking: { type: "between_tools" } } : { effort: "low" };
}
