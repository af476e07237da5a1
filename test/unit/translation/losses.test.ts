import { describe, expect, test } from "vitest";
import type { CanonicalAnswer } from "../../../worker/canonical/answer.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import { replayAnswer } from "../../../worker/canonical/replay-answer.ts";
import {
  contextFor,
  DIALECT_IDS,
  dialectOf,
  encodeStream,
  encodeWhole,
} from "../../support/translation/run-dialect.ts";
import { targetOf } from "../../support/translation/translate-request.ts";

/** What a dialect has no form for is named, as a whole and as a stream. */

const answer = (part: CanonicalAnswer["candidates"][0]["parts"][0]): CanonicalAnswer => ({
  id: "1",
  model: "m",
  candidates: [{ index: 0, parts: [part], stop: { reason: "end_turn" } }],
  usage: null,
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
