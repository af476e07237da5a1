import { PNG } from "../plan.ts";
import { as, each, type Field, fixed, of, one } from "../shape.ts";

/** Values that several tables try, and fields that they have in common. */

export const PICTURE = `data:image/png;base64,${PNG}`;
export const PDF = "JVBERi0xLjQKJcOkw7zDtsOf";
export const SCHEMA = {
  type: "object",
  properties: { place: { type: "string", description: "a-place-to-find" } },
  required: ["place"],
  additionalProperties: false,
};
export const SOUND = "UklGRiQAAABXQVZF";

/** Efforts and what they are in budgets (DIALECTS §2.9). */
export const EFFORTS: Field = each(
  ["none", "type=disabled", "thinkingBudget=0"],
  ["minimal", "effort=low", "budget_tokens=1024", "thinkingBudget=1024"],
  ["low", "budget_tokens=2048", "thinkingBudget=2048"],
  ["medium", "budget_tokens=8192", "thinkingBudget=8192"],
  ["high", "budget_tokens=16384", "thinkingBudget=16384"],
  ["xhigh", "budget_tokens=31999", "thinkingBudget=24576"],
  ["max", "budget_tokens=31999", "thinkingBudget=24576", "thinkingLevel=high"],
);

/** A choice that forces a call, in each dialect's words. */
export const FORCED = ["type=any", "mode=any", "tool_choice=required"];
/** The same for one tool. */
export const NAMED = ["name=lookup", "allowedFunctionNames=lookup"];
export const STREAM: Field = as(of(true), "streamGenerateContent");
/** A promise of JSON without a schema. */
export const JSON_MODE = ["responseMimeType=application/json", "type=json_object"];

/** Marks of the prompt's cache: OpenAI's and Anthropic's. */
export const BREAKPOINT: Field = one({ minimal: { mode: "explicit" }, fields: { mode: fixed, ttl: of("30m", "12h") } });
export const CACHE_CONTROL: Field = one({
  minimal: { type: "ephemeral" },
  fields: { type: fixed, ttl: of("5m", "1h") },
});

/** Whether Claude is to cite. */
export const CITATIONS: Field = one({ minimal: {}, fields: { enabled: of(true) } });
