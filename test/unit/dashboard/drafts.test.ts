import { describe, expect, it } from "vitest";
import { bindsAtOnce, changesOfEdit, type LimitEdit } from "../../../dashboard/pages/budgets/limit-edit.ts";
import { changesOf, type KeyDraft, newKeyDraft, termsOfDraft } from "../../../dashboard/pages/keys/key-draft.ts";
import { presetQuery } from "../../../dashboard/pages/keys/key-query.ts";
import { bodyOfRoute, draftOfRoute, moved } from "../../../dashboard/pages/routes/route-draft.ts";
import {
  changedSettings,
  patchOfSettings,
  type SettingsDraft,
} from "../../../dashboard/pages/settings/settings-draft.ts";
import { limitOfDraft, newDraft } from "../../../dashboard/state/limit-draft.ts";

const NOW = Date.UTC(2026, 10, 26, 12, 0, 30);

describe("a key's terms", () => {
  const draft: KeyDraft = {
    ...newKeyDraft("service", NOW),
    name: " ci ",
    models: "openai/*\n\n best , ",
    tags: "a, b",
  };
  it("are lists without what is empty, and null where there is no list", () =>
    expect(termsOfDraft(draft)).toMatchObject({
      ...{ name: "ci", models: ["openai/*", "best"], tags: ["a", "b"], ip_ranges: null, note: null },
    }));
  it("change only where something else was written", () => {
    expect(changesOf(draft, { ...draft })).toEqual({});
    expect(changesOf(draft, { ...draft, models: "", expires: "" })).toEqual({ models: null, expires_at: null });
  });
});

describe("presets of keys", () => {
  it.each([
    ["all", {}],
    ["expiring", { state: "active", expiring_before: "2026-12-10T12:00:00.000Z" }],
    [
      "unused",
      { state: "active", unused_since: "2026-08-28T12:00:00.000Z", created_before: "2026-08-28T12:00:00.000Z" },
    ],
    ["near", { near_limit: "true" }],
    ["over", { over_limit: "true" }],
  ] as const)("%s", (preset, query) => expect(presetQuery(preset, NOW)).toEqual(query));
});

describe("a limit's terms", () => {
  it.each([
    [{ amount: " $12.50 " }, { metric: "cost", window: "month", mode: "block", amount_usd: "12.50" }],
    [
      { metric: "requests", amount: "1,200" },
      { metric: "requests", window: "month", mode: "block", amount: 1200 },
    ],
    [
      { metric: "concurrent_requests", amount: "8" },
      { metric: "concurrent_requests", window: "now", amount: 8 },
    ],
  ] as const)("%j", (written, body) => expect(limitOfDraft({ ...newDraft(), ...written })).toMatchObject(body));

  const edit: LimitEdit = {
    ...{ amount: "10", mode: "block", thresholds: "50, 80", fallbackPercent: "80", fallbackModel: "" },
    ...{ overrideAmount: "", overrideUntil: "" },
  };
  it.each([
    [{}, {}],
    [{ amount: "5" }, { amount_usd: "5" }],
    [{ thresholds: "50 90" }, { thresholds: [50, 90] }],
    [{ fallbackPercent: "70" }, {}],
    [{ fallbackModel: "a/b" }, { fallback: { percent: 80, model: "a/b" } }],
    [
      { overrideAmount: "20", overrideUntil: "2027-01-01T00:00:00Z" },
      { override: { amount_usd: "20", until: "2027-01-01T00:00:00.000Z" } },
    ],
  ])("%j changes %j", (written, changes) =>
    expect(changesOfEdit(edit, { ...edit, ...written }, "cost")).toEqual(changes),
  );
  it.each([
    ["5", "block", true],
    ["7", "block", true],
    ["8", "block", false],
    ["5", "warn", false],
  ] as const)("%s that %ss binds at once: %s", (amount, mode, binds) =>
    expect(bindsAtOnce({ ...edit, amount, mode }, "cost", { settled: 7e9, settled_usd: "7" })).toBe(binds),
  );
});

describe("a route", () => {
  it("is sent without what is not written", () =>
    expect(bodyOfRoute({ ...draftOfRoute(null, "org_1"), name: " best " })).toEqual({
      ...{ organization_id: "org_1", name: "best", strategy: "ordered", timeouts: {} },
      targets: [{ model: "", credential: null }],
    }));
  it.each([
    [0, 1, ["b", "a", "c"]],
    [2, -1, ["a", "c", "b"]],
    [0, -1, ["a", "b", "c"]],
    [2, 1, ["a", "b", "c"]],
  ] as const)("moves target %i by %i", (index, by, order) => expect(moved(["a", "b", "c"], index, by)).toEqual(order));
});

describe("an organization's settings", () => {
  const settings: SettingsDraft = {
    ...{
      name: "Acme",
      timeZone: "UTC",
      lowerCaps: "inherit",
      ledgerDown: "inherit",
      allowanceUsd: "",
      allowanceSeconds: "",
    },
    numbers: { default_output_tokens: "", max_output_tokens: "", least_output_tokens: "", wait_seconds: "" },
  };
  it("are patched where they were changed, nested as the API has them", () => {
    const after: SettingsDraft = {
      ...{
        ...settings,
        name: "Acme 2",
        lowerCaps: "no",
        ledgerDown: "allow",
        allowanceUsd: "5",
        allowanceSeconds: "60",
      },
      numbers: { ...settings.numbers, wait_seconds: "5" },
    };
    const changes = changedSettings(settings, after);
    expect(Object.keys(changes)).toHaveLength(4);
    expect(patchOfSettings(changes)).toEqual({
      name: "Acme 2",
      settings: { wait_seconds: 5, lower_caps: false, on_ledger_down: { cost_usd: "5", seconds: 60 } },
    });
    expect(patchOfSettings(changedSettings(settings, settings))).toEqual({});
  });
});
