import { describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { coalesce } from "../../../worker/router/coalesce.ts";
import { ANSWERS } from "../../support/translation/corpus.ts";
import { decodeStream, readEvents } from "../../support/translation/run-dialect.ts";
import { seeded } from "../../support/translation/seeded.ts";

/** A stream may arrive in any pieces: within a character, a line end or an event. It says the same. */

const EVERYWHERE = 8 * 1024;
const ELSEWHERE = 50;

/** Where a stream is cut in two: everywhere, or at fifty places that are the same in every run. */
function cutsOf(bytes: Uint8Array): number[] {
  if (bytes.length <= EVERYWHERE) return Array.from({ length: bytes.length - 1 }, (_, at) => at + 1);
  const random = seeded(bytes.length);
  return Array.from({ length: ELSEWHERE }, () => 1 + Math.floor(random() * (bytes.length - 1)));
}

const said = (dialect: ChatDialectId, pieces: Uint8Array[]): string =>
  JSON.stringify([...coalesce(decodeStream(dialect, pieces))]);

const streams = ANSWERS.filter(({ framing }) => framing === "events");

describe("a stream that is cut in two says what it says in one piece", () => {
  test.each(streams.map((answer) => [answer.name, answer] as const))("%s", (_name, { dialect, bytes }) => {
    const whole = said(dialect, [bytes]);
    const read = JSON.stringify(readEvents([bytes]));
    const differing = cutsOf(bytes).filter((at) => {
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
      // A decoder is told events, and not how they came: of the same ones it says the same.
      return JSON.stringify(readEvents(pieces)) !== read && said(dialect, pieces) !== whole;
    });
    expect(differing).toEqual([]);
  });
});
