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
