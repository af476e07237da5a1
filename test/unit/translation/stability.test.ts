import { describe, expect, test } from "vitest";
import { ANSWERS } from "../../support/translation/corpus.ts";
import { difference } from "../../support/translation/difference.ts";
import { DIALECT_IDS, decode, encodeStream, encodeWhole } from "../../support/translation/run-dialect.ts";

/** What the gateway writes, it reads as the same: gateways may stand behind each other. */

const answers = ANSWERS.filter(({ status }) => status < 300);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("an encoded answer, decoded and encoded again, is the same", () => {
  test.each(answers.map((answer) => [answer.name, answer] as const))("%s", (_name, answer) => {
    const decoded = decode(answer);
    for (const dialect of DIALECT_IDS) {
      const written = { name: answer.name, dialect, status: 200, headers: {} };
      const stream = encodeStream(dialect, decoded.events);
      const streamAgain = decode({ ...written, framing: "events", bytes: bytes(stream) });
      if (decoded.failure !== null) {
        // A failure is told as one again; its words need not be the same, as each dialect has its own codes.
        expect.soft(streamAgain.failure, `${dialect}, failed`).not.toBeNull();
        continue;
      }
      expect.soft(difference(encodeStream(dialect, streamAgain.events), stream), `${dialect}, stream`).toBeNull();
      const whole = encodeWhole(dialect, decoded.answer);
      const wholeAgain = decode({ ...written, framing: "whole", bytes: bytes(whole) });
      expect.soft(difference(encodeWhole(dialect, wholeAgain.answer), whole), `${dialect}, whole`).toBeNull();
    }
  });
});
