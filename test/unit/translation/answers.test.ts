import { describe, expect, test } from "vitest";
import { ANSWERS } from "../../support/translation/corpus.ts";
import { comparable, expectedAnswer } from "../../support/translation/expected-answer.ts";
import { readAnswer } from "../../support/translation/read-answer.ts";
import { DIALECT_IDS, decode, encodeStream, encodeWhole } from "../../support/translation/run-dialect.ts";
import { SDK_READERS } from "../../support/translation/sdk-readers.ts";

/** Every answer at hand, in every other dialect, read by that vendor's SDK. */

const answers = ANSWERS.filter(({ status }) => status < 300);

describe("an answer reaches the clients of the other dialects", () => {
  test.each(answers.map((answer) => [answer.name, answer] as const))("%s", async (_name, answer) => {
    const told = readAnswer(answer);
    const decoded = decode(answer);
    expect.soft({ failed: decoded.failure !== null }).toEqual({ failed: told.failure !== null });
    for (const client of DIALECT_IDS.filter((id) => id !== answer.dialect)) {
      const streamed = SDK_READERS[client].stream(encodeStream(client, decoded.events));
      if (told.failure !== null) {
        await expect.soft(streamed, `${client}, stream`).rejects.toThrow();
        continue;
      }
      const expected = expectedAnswer(client, told);
      if (expected.candidates[0]?.stop === "failed") {
        // A call that cannot be read is a failure to Responses, whose helper gives up what was said before.
        await expect.soft(streamed, `${client}, stream`).rejects.toThrow();
        continue;
      }
      expect.soft(comparable(client, await streamed, expected), `${client}, stream`).toEqual(expected);
      const whole = await SDK_READERS[client].whole(encodeWhole(client, decoded.answer));
      expect.soft(comparable(client, whole, expected), `${client}, whole`).toEqual(expected);
    }
  });
});

/** Members that an SDK's types have in every answer, as null where there is nothing to say; its readers do not miss them. */
const ALWAYS: Record<string, string[]> = {
  "openai-chat": ["choices.0.logprobs", "choices.0.message.content", "choices.0.message.refusal"],
  "openai-responses": ["access_programs", "error", "incomplete_details", "instructions", "metadata", "tools"],
  "anthropic-messages": [
    ...["container", "diagnostics", "stop_details", "stop_sequence", "content.0.citations"],
    ...["cache_creation", "inference_geo", "output_tokens_details", "server_tool_use", "speed"].map(
      (key) => `usage.${key}`,
    ),
  ],
  "google-generate-content": [],
};

test.each(DIALECT_IDS)("every answer in %s has what its SDK's types always have", (client) => {
  const part = { type: "text", text: "Hi." } as const;
  const candidates = [{ index: 0, parts: [part], stop: { reason: "end_turn" } as const }];
  const whole: unknown = JSON.parse(encodeWhole(client, { id: "1", model: "m", candidates, usage: null }));
  for (const path of ALWAYS[client] ?? []) expect(whole).toHaveProperty(path);
});

test.each([
  ["anthropic-messages", "whose quotation is cut short", 0, 400],
  ["anthropic-messages", "whose span is", 3, 6],
  ["google-generate-content", "whose span is", 3, 6],
] as const)("%s: a citation %s has no half characters", (client, _which, start, end) => {
  const citations = [{ kind: "url", url: "https://example.com/", start, end } as const];
  const part = { type: "text", text: `b${"a\u{1f600}".repeat(200)}`, citations } as const;
  const candidates = [{ index: 0, parts: [{ ...part, citations }], stop: { reason: "end_turn" } as const }];
  const whole = encodeWhole(client, { id: "1", model: "m", candidates, usage: null });
  expect(whole).not.toMatch(/\\ud[89a-f]/i);
});
