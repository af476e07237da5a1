import { describe, expect, test } from "vitest";
import { type AccessRule, allowsModel, type ModelAccess, ruleAgainst } from "../../../worker/canonical/model-access.ts";

const access = (more: Partial<ModelAccess>): ModelAccess => ({ mode: "all", enabled: [], disabled: [], ...more });
const GPT = "openai/gpt-6";
const FREE = "openrouter/z-ai/glm-5:free";

describe("one organization's rule", () => {
  test.each<[string, Partial<ModelAccess>, string, boolean]>([
    ["allows everything where it names nothing", {}, GPT, true],
    ["allows nothing else where it lists what it allows", { mode: "listed" }, GPT, false],
    ["lists a model", { mode: "listed", enabled: [GPT] }, GPT, true],
    ["lists a provider", { mode: "listed", enabled: ["openai/*"] }, GPT, true],
    ["does not list another provider's", { mode: "listed", enabled: ["openai/*"] }, "openrouter/openai/gpt-6", false],
    ["disables a model", { disabled: [GPT] }, GPT, false],
    ["disables no model whose name only begins so", { disabled: [GPT] }, "openai/gpt-6-mini", true],
    ["disables a provider", { disabled: ["openai/*"] }, GPT, false],
    ["disables a provider but for a model", { disabled: ["openai/*"], enabled: [GPT] }, GPT, true],
    ["lists a provider but for a model", { mode: "listed", enabled: ["openai/*"], disabled: [GPT] }, GPT, false],
    ["that contradicts itself disables", { enabled: [GPT], disabled: [GPT] }, GPT, false],
    ["disables a model's variants at OpenRouter", { disabled: ["openrouter/z-ai/glm-5"] }, FREE, false],
    ["may allow one of them", { disabled: ["openrouter/z-ai/glm-5"], enabled: [FREE] }, FREE, true],
    ["knows no variants elsewhere", { disabled: ["openai/ft"] }, "openai/ft:gpt", true],
  ])("%s", (_, rule, model, allowed) => {
    expect(allowsModel(access(rule), model)).toBe(allowed);
  });
});

test("of a path the highest rule that is against a model is told", () => {
  const rule = (organizationId: string, more: Partial<ModelAccess>): AccessRule => {
    return { organizationId, name: organizationId, access: access(more) };
  };
  const rules = [rule("squad", { disabled: [GPT] }), rule("team", { mode: "listed" }), rule("root", {})];
  expect(ruleAgainst(rules, GPT)?.organizationId).toBe("team");
  expect(ruleAgainst(rules.slice(0, 1), GPT)?.organizationId).toBe("squad");
  expect(ruleAgainst(rules.slice(2), GPT)).toBeNull();
});
