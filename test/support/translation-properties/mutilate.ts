import fc from "fast-check";
import type { Json } from "./json.ts";

/** What may happen to a provider's stream on its way, or in the provider. */

const deep = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** Values that no provider's documentation promises. */
export const oddities = [
  "null",
  "true",
  "-1",
  "0",
  "1e308",
  "12345678901234567890",
  '""',
  '"constructor"',
  '"__proto__"',
  '"\\u0000"',
  '"\\ud800"',
  "[]",
  "{}",
  "[[]]",
  "[null]",
  "[1]",
  '[""]',
  '{"":""}',
  '{"type":"text"}',
  // What is no text, and what `String` throws at.
  '{"toString":null,"valueOf":1}',
  '[{"toString":null,"valueOf":1}]',
  '{"error":null}',
  '{"error":{"message":"m","code":"constructor","type":"toString","status":"valueOf"}}',
  deep(20_000),
];

const oddity = fc.constantFrom(...oddities);

/** Every place in a value's JSON text: the text before it, and after. */
function* placesOf(value: Json): Generator<[before: string, after: string]> {
  function* walk(inner: Json, before: string, after: string): Generator<[string, string]> {
    yield [before, after];
    if (typeof inner !== "object" || inner === null) return;
    const entries = Array.isArray(inner) ? inner.map((one) => ["", one] as const) : Object.entries(inner);
    const texts = entries.map(
      ([name, one]) => (Array.isArray(inner) ? "" : `${JSON.stringify(name)}:`) + JSON.stringify(one),
    );
    const [open, close] = Array.isArray(inner) ? "[]" : "{}";
    for (const [at, [name, one]] of entries.entries()) {
      const left = `${open}${texts
        .slice(0, at)
        .map((text) => `${text},`)
        .join("")}${Array.isArray(inner) ? "" : `${JSON.stringify(name)}:`}`;
      const right = `${texts
        .slice(at + 1)
        .map((text) => `,${text}`)
        .join("")}${close}`;
      yield* walk(one as Json, before + left, right + after);
    }
  }
  yield* walk(value, "", "");
}

/** JSON text with something odd in one place. */
export function oddJson(text: string, pick: number, by: string): string {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return by;
  }
  // Nested as deep as this, nobody could walk it.
  if (text.includes("[".repeat(1000))) return by;
  const places = [...placesOf(value)];
  const [before, after] = places[pick % places.length] ?? ["", ""];
  return before + by + after;
}

const withData = (event: string, change: (data: string) => string): string =>
  event.replace(/^data: ?(.*)$/m, (_, data: string) => `data: ${change(data)}`);

type Change = (events: string[]) => string[];

const place = fc.nat(1000);
const at = (events: readonly string[], pick: number): number => (events.length === 0 ? 0 : pick % events.length);

const odd: fc.Arbitrary<Change> = fc.tuple(place, place, oddity).map(
  ([pick, inner, by]): Change =>
    (events) =>
      events.map((event, index) =>
        index === at(events, pick) ? withData(event, (data) => oddJson(data, inner, by)) : event,
      ),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  place.map(
    (pick): Change =>
      (events) =>
        events.slice(0, at(events, pick)),
  ),
  place.map(
    (pick): Change =>
      (events) =>
        events.filter((_, index) => index !== at(events, pick)),
  ),
  fc.tuple(place, place).map(
    ([from, to]): Change =>
      (events) => {
        const copy = events[at(events, from)];
        return copy === undefined ? events : events.toSpliced(at(events, to), 0, copy);
      },
  ),
  fc.tuple(place, place).map(
    ([one, other]): Change =>
      (events) => {
        const swapped = [...events];
        const [left, right] = [at(events, one), at(events, other)];
        [swapped[left], swapped[right]] = [events[right] ?? "", events[left] ?? ""];
        return swapped;
      },
  ),
  place.map(
    (pick): Change =>
      (events) => [...events.slice(at(events, pick)), ...events.slice(0, at(events, pick))],
  ),
  { weight: 8, arbitrary: odd },
  fc.tuple(place, oddity).map(
    ([pick, by]): Change =>
      (events) =>
        events.toSpliced(at(events, pick), 0, `data: ${by}\n\n`),
  ),
  fc
    .tuple(
      place,
      fc.constantFrom(
        "data: [DONE]\n\n",
        ": a comment\n\n",
        "\n\n\n",
        "data: not json\n\n",
        "event: error\ndata: {}\n\n",
        'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"m"}}\n\n',
        'data: {"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}\n\n',
        'data: {"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"m"}}}\n\n',
        "<html><body>502</body></html>\n\n",
      ),
    )
    .map(
      ([pick, extra]): Change =>
        (events) =>
          events.toSpliced(at(events, pick), 0, extra),
    ),
);

/** Bytes that come in pieces, with a cut, junk, or a piece that is no UTF-8. */
const damage = fc.option(
  fc.record({
    kind: fc.constantFrom("cut", "junk", "flip"),
    where: fc.nat(100_000),
    junk: fc.uint8Array({ minLength: 1, maxLength: 12 }),
  }),
  { freq: 3 },
);

export interface Mutilation {
  changes: Change[];
  damage: { kind: string; where: number; junk: Uint8Array } | null;
  /** Lengths of the pieces, over and over. */
  pieces: number[];
  crlf: boolean;
}

export const mutilation: fc.Arbitrary<Mutilation> = fc.record({
  changes: fc.array(change, { maxLength: 4 }),
  damage,
  pieces: fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 4 }),
  crlf: fc.boolean(),
});

export function piecesOf(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    pieces.push(bytes.subarray(from, from + length));
    from += length;
  }
  return pieces;
}

/** The stream as it arrives, in pieces. */
export function mutilated(stream: string, { changes, damage: harm, pieces, crlf }: Mutilation): Uint8Array[] {
  let events = stream.split(/(?<=\n\r?\n)/);
  for (const one of changes) events = one(events);
  const text = events.join("");
  let bytes: Uint8Array = new TextEncoder().encode(crlf ? text.replace(/\r?\n/g, "\r\n") : text);
  if (harm !== null && bytes.length > 0) {
    const where = harm.where % bytes.length;
    const [before, after] = [bytes.slice(0, where), bytes.slice(where)];
    if (harm.kind === "cut") bytes = before;
    else if (harm.kind === "junk") bytes = Uint8Array.from([...before, ...harm.junk, ...after]);
    else bytes = Uint8Array.from([...before, (after[0] ?? 0) ^ (harm.junk[0] ?? 1), ...after.slice(1)]);
  }
  return piecesOf(bytes, pieces);
}
