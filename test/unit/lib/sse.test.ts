import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonArrayReader } from "../../../worker/lib/json-array.ts";
import { SseReader } from "../../../worker/lib/sse.ts";

/** Feeds `text` in the given pieces. */
function readAll(pieces: string[]) {
  const reader = new SseReader();
  return { events: pieces.flatMap((piece) => reader.read(piece)), unfinished: reader.unfinished };
}

describe("server-sent events", () => {
  test.each([
    [
      "LF",
      "data: a\n\ndata: b\n\n",
      [
        ["", "a"],
        ["", "b"],
      ],
    ],
    [
      "CRLF",
      "data: a\r\n\r\ndata: b\r\n\r\n",
      [
        ["", "a"],
        ["", "b"],
      ],
    ],
    [
      "CR",
      "data: a\r\rdata: b\r\r",
      [
        ["", "a"],
        ["", "b"],
      ],
    ],
    ["no space after the colon", "data:a\n\n", [["", "a"]]],
    ["only one space goes", "data:  a\n\n", [["", " a"]]],
    ["several data lines", "data: a\ndata: b\n\n", [["", "a\nb"]]],
    ["event names", "event: ping\ndata: {}\n\n", [["ping", "{}"]]],
    [
      "an event name does not outlive its event",
      "event: x\ndata: 1\n\ndata: 2\n\n",
      [
        ["x", "1"],
        ["", "2"],
      ],
    ],
    ["comments", ": OPENROUTER PROCESSING\n\ndata: a\n: more\n\n", [["", "a"]]],
    ["an event without data", "event: ping\n\n", []],
    ["other fields", "id: 1\nretry: 3\nerror: {}\ndata: a\n\n", [["", "a"]]],
  ])("%s", (_, text, expected) => {
    expect(readAll([text]).events.map(({ event, data }) => [event, data])).toEqual(expected);
    const character = [...text];
    expect(readAll(character).events.map(({ event, data }) => [event, data])).toEqual(expected);
  });

  test.each([
    ["data: a\n\n", false],
    ["data: a\n", true],
    ["data: a", true],
    ["", false],
  ])("%j is unfinished: %s", (text, unfinished) => {
    expect(readAll([text]).unfinished).toBe(unfinished);
  });

  test("nothing at all between a CR and its LF changes nothing", () => {
    expect(readAll(["event: a\r", "", "\ndata: b\r\n\r\n"]).events).toEqual([{ event: "a", data: "b" }]);
  });

  test("any events, however cut and with whichever line ends, come out the same", () => {
    const event = fc.record({
      event: fc.stringMatching(/^[a-z.]{0,8}$/),
      data: fc.string().map((text) => JSON.stringify(text)),
    });
    fc.assert(
      fc.property(
        fc.array(event),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.array(fc.nat(40)),
        (events, newline, cuts) => {
          const text = events
            .map(
              ({ event: name, data }) =>
                `${name === "" ? "" : `event: ${name}${newline}`}data: ${data}${newline}${newline}`,
            )
            .join("");
          const pieces: string[] = [];
          let at = 0;
          for (const cut of cuts) {
            pieces.push(text.slice(at, at + cut));
            at += cut;
          }
          pieces.push(text.slice(at));
          expect(readAll(pieces).events).toEqual(events);
        },
      ),
    );
  });
});

describe("a JSON array in pieces", () => {
  test("gives its objects, however cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
        fc.array(fc.nat(30)),
        fc.constantFrom(0, 2),
        (objects, cuts, indent) => {
          const text = `[${objects.map((object) => JSON.stringify(object, null, indent)).join("\n,\r\n")}\n]`;
          const reader = new JsonArrayReader();
          const found: string[] = [];
          let at = 0;
          for (const cut of cuts) {
            found.push(...reader.read(text.slice(at, at + cut)));
            at += cut;
          }
          found.push(...reader.read(text.slice(at)));
          expect(found.map((object) => JSON.parse(object))).toEqual(JSON.parse(text));
          expect(reader.unfinished).toBe(false);
        },
      ),
    );
  });

  test("tells that an object has not ended", () => {
    const reader = new JsonArrayReader();
    expect(reader.read('[{"a":"}"')).toEqual([]);
    expect(reader.unfinished).toBe(true);
  });
});
