import { describe, expect, test } from "vitest";
import { changedFacts } from "../../../dashboard/pages/models/fact-changes.ts";
import {
  draftOfRoute,
  draftOfTerms,
  type RouteTerms,
  termsOfAudit,
  termsOfDraft,
  wholeTerms,
} from "../../../dashboard/pages/routes/route-draft.ts";

const TERMS: RouteTerms = {
  strategy: "weighted",
  targets: [
    { model: "openai/gpt-4.1", credential: null, weight: 3 },
    { model: "anthropic/claude-haiku-4-5", credential: "eu", weight: 1 },
  ],
  timeouts: { headers_ms: 20_000, first_token_ms: null, idle_ms: null, total_ms: 300_000 },
};

describe("a route's terms", () => {
  test("are the same after they were drafted, and after the audit log has told them", () => {
    const draft = draftOfTerms(TERMS, draftOfRoute(null, "org_00000000"));
    expect(wholeTerms(termsOfDraft(draft))).toEqual(TERMS);
    const audited = { ...TERMS, name: "smart", timeouts: { headers: 20_000, total: 300_000 } };
    expect(termsOfAudit(audited)).toEqual(TERMS);
  });

  test("in order have no weights that anybody wrote", () => {
    const draft = { ...draftOfTerms(TERMS, draftOfRoute(null, "org_00000000")), strategy: "ordered" as const };
    expect(termsOfDraft(draft).targets).toEqual(TERMS.targets.map(({ model, credential }) => ({ model, credential })));
    expect(wholeTerms(termsOfDraft(draft)).targets.map(({ weight }) => weight)).toEqual([1, 1]);
  });

  test.each([[null], [{}], [{ strategy: "ordered" }], [{ name: "smart", targets: [] }]])("are none in %j", (said) => {
    expect(termsOfAudit(said)).toBeNull();
  });
});

describe("facts of a model", () => {
  const known = { display_name: "GPT", context_window: 8_000, max_output_tokens: null, capabilities: { tools: true } };
  const same = { display_name: "GPT", context_window: "8000", tools: "true" };
  test.each<[written: Record<string, string>, changes: object]>([
    [{}, {}],
    [{ context_window: "64 000" }, { context_window: 64_000 }],
    [{ context_window: "" }, { context_window: null }],
    [{ display_name: " " }, { display_name: null }],
    [
      { max_output_tokens: "1,000", tools: "false" },
      { max_output_tokens: 1_000, capabilities: { tools: false } },
    ],
    [{ tools: "", streaming: "true" }, { capabilities: { tools: null, streaming: true } }],
    [{ deprecation_date: "2027-01-31" }, { deprecation_date: "2027-01-31" }],
  ])("that were changed by %j are sent, and no others", (written, changes) => {
    const all: Record<string, string> = { ...same, ...written };
    expect(changedFacts(known, { get: (name) => all[name] ?? null })).toEqual(changes);
  });
});
