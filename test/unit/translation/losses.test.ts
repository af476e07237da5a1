import { describe, expect, test } from "vitest";
import type { CanonicalAnswer } from "../../../worker/canonical/answer.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import type { Part } from "../../../worker/canonical/message.ts";
import { replayAnswer } from "../../../worker/canonical/replay-answer.ts";
import type { StopReason } from "../../../worker/canonical/stop-reason.ts";
import { noUsage } from "../../../worker/canonical/usage.ts";
import {
  contextFor,
  DIALECT_IDS,
  dialectOf,
  encodeStream,
  encodeWhole,
} from "../../support/translation/run-dialect.ts";
import { targetOf } from "../../support/translation/translate-request.ts";

/** What a dialect has no form for is named, as a whole and as a stream. */

const answer = (part: Part, reason: StopReason = "end_turn"): CanonicalAnswer => ({
  id: "1",
  model: "m",
  candidates: [{ index: 0, parts: [part], stop: { reason } }],
  usage: noUsage(),
});
const cited = answer({ type: "text", text: "t", citations: [{ kind: "document", citedText: "c" }] });
const native = answer({ type: "native", kind: "server_tool_use", raw: {} });

describe.each(DIALECT_IDS)("an answer in %s", (id) => {
  test.each([
    ["a source without an address", cited, "citation_dropped"],
    ["what only one vendor has", native, "part_dropped"],
  ])("%s", (_what, lost, code) => {
    const whole = contextFor(id);
    encodeWhole(id, lost, whole);
    expect(whole.losses.warnings).toEqual([{ code, path: "answer" }]);
    const stream = contextFor(id);
    encodeStream(id, replayAnswer(lost), stream);
    expect(stream.losses.warnings).toEqual([{ code, path: "answer" }]);
  });
});

const APPROXIMATED: Record<string, StopReason[]> = {
  "openai-chat": ["pause_turn", "malformed_tool_call"],
  "openai-responses": ["pause_turn"],
  "anthropic-messages": ["malformed_tool_call"],
  "google-generate-content": ["pause_turn"],
};

describe.each(DIALECT_IDS)("an end that %s has no word for is named", (id) => {
  test.each(["end_turn", "tool_use", "stop_sequence", "max_tokens", "pause_turn", "malformed_tool_call"] as const)(
    "%s",
    (reason) => {
      const code = "stop_reason_approximated";
      const expected = APPROXIMATED[id]?.includes(reason) ? [{ code, path: "answer" }] : [];
      const ended = answer({ type: "text", text: "t" }, reason);
      const whole = contextFor(id);
      encodeWhole(id, ended, whole);
      expect(whole.losses.warnings).toEqual(expected);
      const stream = contextFor(id);
      encodeStream(id, replayAnswer(ended), stream);
      expect(stream.losses.warnings).toEqual(expected);
    },
  );
});

test.each([
  ["openai-chat", []],
  ["openai-responses", [{ code: "usage_estimated", path: "answer.usage" }]],
  ["anthropic-messages", [{ code: "usage_estimated", path: "answer.usage" }]],
  ["google-generate-content", []],
] as const)("figures that %s must have and no provider told are named", (id, expected) => {
  const untold = { ...answer({ type: "text", text: "t" }), usage: null };
  const whole = contextFor(id);
  encodeWhole(id, untold, whole);
  expect(whole.losses.warnings).toEqual(expected);
  const stream = contextFor(id);
  encodeStream(id, replayAnswer(untold), stream);
  expect(stream.losses.warnings).toEqual(expected);
});

test.each(DIALECT_IDS)("a failure is told in %s without a word of its figures", (id) => {
  const context = contextFor(id);
  const failure = { kind: "overloaded", message: "", code: null, status: null } as const;
  const begun = [...replayAnswer({ ...answer({ type: "text", text: "t" }), usage: null })].slice(0, 3);
  encodeStream(id, [...begun, { type: "error", failure }], context);
  expect(context.losses.warnings).toEqual([]);
});

test("calls beside the one that a client of `functions` can read are named", () => {
  const call = (id: string): Part => ({ type: "tool_call", id, name: "f", kind: "function", arguments: "{}" });
  const one = answer(call("a"), "tool_use");
  const two = {
    ...one,
    candidates: [{ index: 0, parts: [call("a"), call("b")], stop: { reason: "tool_use" } as const }],
  };
  for (const [told, expected] of [
    [one, []],
    [two, [{ code: "part_dropped", path: "answer" }]],
  ] as const) {
    const asking = () => ({ ...contextFor("openai-chat"), body: { functions: [{ name: "f" }] } });
    const [whole, stream] = [asking(), asking()];
    encodeWhole("openai-chat", told, whole);
    encodeStream("openai-chat", replayAnswer(told), stream);
    expect([whole.losses.warnings, stream.losses.warnings]).toEqual([expected, expected]);
  }
});

test("a picture that a model has drawn is named where its turn cannot hold it", () => {
  const drawn = { inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } };
  const body = {
    contents: [
      { role: "user", parts: [{ text: "Draw." }] },
      { role: "model", parts: [{ text: "Here." }, drawn] },
      { role: "user", parts: [{ text: "Another." }] },
    ],
  };
  const request = dialectOf("google-generate-content").decodeRequest(body, { model: "m", stream: false });
  for (const [upstream, model] of [
    ["openai-chat", "openai/gpt-4.1"],
    ["openai-responses", "openai/gpt-4.1"],
  ] as const) {
    const losses = new Losses();
    dialectOf(upstream).encodeRequest(request, targetOf(model), losses);
    expect(losses.warnings).toContainEqual({ code: "part_dropped", path: "contents[1].parts[1]" });
  }
});
