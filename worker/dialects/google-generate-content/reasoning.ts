import type { CanonicalRequest, Effort } from "../../canonical/request.ts";
import type { TargetModel } from "../../canonical/target-model.ts";
import type { JsonObject } from "../../lib/json.ts";
import { budgetOfEffort, effortOfBudget, nearestEffort } from "../effort.ts";
import type { Fields } from "../fields.ts";
import type { SettingReader } from "../setting-reader.ts";
import { note } from "../settings.ts";
import { spelling } from "./spelling.ts";

/** `thinkingConfig` (thinking guide): a level on newer models, a budget on 2.5; whether thoughts are shown. */

const LEVELS: Record<string, Effort> = {
  MINIMAL: "minimal",
  LOW: "low",
  MEDIUM: "medium",
  HIGH: "high",
  XHIGH: "xhigh",
};

export function decodeReasoning(config: Fields, request: CanonicalRequest): Record<string, unknown> {
  const thinking = config.nested("thinkingConfig");
  if (thinking === undefined) return {};
  const level = thinking.string("thinkingLevel");
  const effort = LEVELS[level?.toUpperCase() ?? ""];
  if (effort === undefined) thinking.leave("thinkingLevel");
  else note(request, "reasoningEffort", effort, thinking.at("thinkingLevel"));
  note(request, "reasoningBudget", thinking.number("thinkingBudget"), thinking.at("thinkingBudget"));
  note(request, "reasoningVisible", thinking.boolean("includeThoughts"), thinking.at("includeThoughts"));
  return { level, ...spelling(thinking) };
}

/** Gemini's levels on the ladder, weakest first. */
const LADDER: Effort[] = ["minimal", "low", "medium", "high", "xhigh"];

/** What another dialect's client asked for, as the model takes it. */
export function encodeReasoning(
  request: CanonicalRequest,
  settings: SettingReader,
  target: TargetModel,
): JsonObject | undefined {
  const effort = settings.take("reasoningEffort");
  const budget = settings.take("reasoningBudget");
  const mode = settings.take("reasoningMode");
  const visible = settings.take("reasoningVisible");
  const summary = settings.take("reasoningSummary");
  // Google's summaries are of one length.
  if (summary !== undefined && summary !== "auto") settings.lose("reasoningSummary", "reasoning_adjusted");
  const name = effort !== undefined ? "reasoningEffort" : budget !== undefined ? "reasoningBudget" : "reasoningMode";
  const asked = effort !== undefined || budget !== undefined || mode !== undefined;
  if (!asked && visible === undefined && summary === undefined) return undefined;
  // Claude's reports between calls are not thinking; no other model makes them.
  const reports = mode === "between_tools";
  if (reports) settings.lose("reasoningMode", "reasoning_adjusted");
  if (target.reasoning.support === "none") {
    if (asked && !reports && mode !== "off" && effort !== "none") settings.lose(name, "reasoning_adjusted");
    return undefined;
  }
  const off = mode === "off" || reports || effort === "none" || budget === 0;
  const wanted = off ? "none" : (effort ?? (budget !== undefined && budget > 0 ? effortOfBudget(budget) : undefined));
  const amount = !asked
    ? {}
    : target.reasoning.budget !== undefined && target.reasoning.levels === undefined
      ? budgetOf(wanted, budget, target.reasoning.budget, () => settings.lose(name, "reasoning_adjusted"))
      : levelOf(wanted, target.reasoning.levels, () => settings.lose(name, "reasoning_adjusted"));
  // A Responses client sees summaries only when it asks for them; the others show what there is.
  const shown = visible ?? (summary !== undefined || request.dialect !== "openai-responses");
  const config = { ...amount, ...(shown && !off ? { includeThoughts: true } : {}) };
  return Object.keys(config).length === 0 ? undefined : config;
}

function levelOf(wanted: Effort | undefined, levels: readonly string[] | undefined, adjusted: () => void): JsonObject {
  if (wanted === undefined) return {};
  const offered = levels === undefined ? LADDER.slice(0, 4) : LADDER.filter((one) => levels.includes(one));
  // No level is none at all: the least is taken, and said.
  const nearest =
    wanted === "none" ? (offered[0] ?? "low") : nearestEffort(wanted === "max" ? "xhigh" : wanted, offered);
  if (nearest !== wanted && !(wanted === "max" && nearest === offered.at(-1))) adjusted();
  return { thinkingLevel: nearest.toUpperCase() };
}

function budgetOf(
  wanted: Effort | undefined,
  asked: number | undefined,
  range: { least: number; most: number; from?: number },
  adjusted: () => void,
): JsonObject {
  if (wanted === undefined) return { thinkingBudget: -1 };
  if (wanted === "none") {
    if (range.least > 0) adjusted();
    return { thinkingBudget: range.least };
  }
  const tokens = asked !== undefined && asked > 0 ? asked : budgetOfEffort(wanted);
  const clamped = Math.min(Math.max(tokens, range.from ?? range.least, 1), range.most);
  if (asked !== undefined && clamped !== asked) adjusted();
  return { thinkingBudget: clamped };
}
