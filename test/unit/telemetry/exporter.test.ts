import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Exporter } from "../../../worker/telemetry/exporter.ts";

/** Items are numbers, and travel as JSON arrays of them. */

let now: number;
let slept: number[];
/** What the receiver answers, in turn; then 200. */
let answers: (() => Promise<Response>)[];
let sent: { items: number[]; init: RequestInit }[];
let lines: Record<string, unknown>[];
let idle: boolean;
let exporter: Exporter<number>;

const status =
  (code: number, headers: Record<string, string> = {}) =>
  async () =>
    new Response("", { status: code, headers });
const unreachable = async () => {
  throw new TypeError("Network connection lost.");
};

beforeEach(() => {
  now = 1_000_000;
  slept = [];
  answers = [];
  sent = [];
  lines = [];
  idle = true;
  vi.spyOn(console, "warn").mockImplementation((line: string) => void lines.push(JSON.parse(line)));
  exporter = new Exporter<number>({
    ...{ signal: "traces", url: "http://receiver.test/v1/traces", headers: { "x-key": "secret" } },
    serialize: (items) => new TextEncoder().encode(JSON.stringify(items)),
    isIdle: () => idle,
    now: () => now,
    async sleep(milliseconds) {
      slept.push(milliseconds);
      now += milliseconds;
    },
    async fetch(_url, init) {
      sent.push({ items: JSON.parse(new TextDecoder().decode(init.body as Uint8Array)), init });
      return (answers.shift() ?? status(200))();
    },
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const add = (from: number, to: number) => {
  for (let item = from; item < to; item++) exporter.add(item);
};
const items = () => sent.map((one) => one.items);

test("nothing waits, nothing is sent", async () => {
  await exporter.flush();
  expect([sent, slept]).toEqual([[], []]);
});

test("what came together travels together, with the headers, and follows no redirect", async () => {
  add(0, 3);
  await exporter.flush();
  expect(items()).toEqual([[0, 1, 2]]);
  expect(sent[0]?.init).toMatchObject({ method: "POST", redirect: "manual" });
  expect(sent[0]?.init.headers).toEqual({ "x-key": "secret", "content-type": "application/json" });
  expect(sent[0]?.init.signal).toBeInstanceOf(AbortSignal);
  expect(slept).toEqual([50]);
});

test("while requests are under way, a second is waited for more", async () => {
  idle = false;
  add(0, 1);
  await exporter.flush();
  expect(slept).toEqual([1_000]);
});

test("many at once gather in one, and what comes meanwhile goes with it", async () => {
  add(0, 1);
  const first = exporter.flush();
  add(1, 2);
  await Promise.all([first, exporter.flush(), exporter.flush()]);
  expect(items()).toEqual([[0, 1]]);
});

test("one that gathers and is ended by the platform is replaced", async () => {
  const lost = new Exporter<number>({
    ...{ signal: "traces", url: "http://receiver.test", headers: {}, isIdle: () => true, now: () => now },
    serialize: () => new Uint8Array(),
    sleep: () => (slept.push(0) === 1 ? new Promise<void>(() => {}) : Promise.resolve()),
    async fetch() {
      sent.push({ items: [], init: {} });
      return new Response("{}");
    },
  });
  lost.add(1);
  void lost.flush();
  await lost.flush();
  expect(sent).toHaveLength(0);
  now += 60_000;
  await lost.flush();
  expect(sent).toHaveLength(1);
});

test("a batch is of 512 at most, and a full one waits for nobody", async () => {
  add(0, 1100);
  await exporter.flush();
  expect(items().map(({ length }) => length)).toEqual([512, 512, 76]);
  expect(items().flat()).toEqual(Array.from({ length: 1100 }, (_, item) => item));
  expect(slept).toEqual([]);
});

test("the oldest is dropped when too many wait, and how many were is told once a minute", async () => {
  add(0, 2050);
  expect(lines).toEqual([
    { level: "warn", event: "telemetry.dropped", message: "more came than was sent", signal: "traces", dropped: 1 },
  ]);
  now += 60_000;
  add(2050, 2051);
  expect(lines[1]).toMatchObject({ dropped: 2 });
  await exporter.flush();
  expect(items().flat()).toEqual(Array.from({ length: 2048 }, (_, item) => item + 3));
});

describe("a receiver that fails", () => {
  test.each<[string, () => Promise<Response>, string]>([
    ["refuses the connection", unreachable, "TypeError: Network connection lost."],
    ["says 400", status(400), "status 400"],
    ["says 401", status(401), "status 401"],
    ["redirects", status(302, { location: "http://elsewhere.test" }), "status 302"],
  ])("and %s is not asked again, but left alone for ten seconds", async (_, answer, message) => {
    answers = [answer];
    add(0, 2);
    await exporter.flush();
    expect(lines).toEqual([{ level: "warn", event: "telemetry.dropped", signal: "traces", dropped: 2, message }]);
    add(2, 3);
    now += 9_999;
    await exporter.flush();
    expect(items()).toEqual([[0, 1]]);
    now += 1;
    await exporter.flush();
    expect(items()).toEqual([[0, 1], [2]]);
    expect(lines).toHaveLength(1);
  });

  test.each<[number, Record<string, string>, number]>([
    [429, {}, 1_000],
    [429, { "retry-after": "3" }, 3_000],
    [503, { "retry-after": "0" }, 0],
    [503, { "retry-after": "3600" }, 5_000],
    [503, { "retry-after": new Date(1_002_050).toUTCString() }, 1_950],
    [502, { "retry-after": "soon" }, 1_000],
    [504, {}, 1_000],
  ])("with %i and %j is asked once more, after %i ms", async (code, headers, wait) => {
    answers = [status(code, headers)];
    add(0, 2);
    await exporter.flush();
    expect(items()).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(slept).toEqual([50, wait]);
    expect(lines).toEqual([]);
  });

  test("twice has lost the batch", async () => {
    answers = [status(503), status(503)];
    add(0, 2);
    await exporter.flush();
    expect(items()).toHaveLength(2);
    expect(lines).toMatchObject([{ dropped: 2, message: "status 503" }]);
  });

  test("in part is told of", async () => {
    answers = [async () => Response.json({ partialSuccess: { rejectedSpans: "3", errorMessage: "no" } })];
    add(0, 5);
    await exporter.flush();
    expect(lines).toMatchObject([{ dropped: 3, message: "the receiver rejected them" }]);
    add(5, 6);
    await exporter.flush();
    expect(items()).toHaveLength(2);
  });

  test.each(["", "{}", "ok", "null"])("is not one that answers 200 with %j", async (text) => {
    answers = [async () => new Response(text)];
    add(0, 1);
    await exporter.flush();
    expect(lines).toEqual([]);
  });
});

test("while a receiver hangs, one call waits for it, and memory is bounded", async () => {
  const hanging = Promise.withResolvers<Response>();
  answers = [() => hanging.promise];
  add(0, 1);
  const first = exporter.flush();
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  for (let item = 1; item < 5000; item++) {
    exporter.add(item);
    await exporter.flush();
  }
  expect(sent).toHaveLength(1);
  hanging.resolve(new Response("{}"));
  await first;
  expect(items().flat()).toHaveLength(1 + 2048);
});
