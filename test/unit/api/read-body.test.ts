import { describe, expect, test } from "vitest";
import { readBody } from "../../../worker/api/inference/read-body.ts";

const MAXIMUM_BODY = 32 * 1024 * 1024;
const JSON_TYPE = { "content-type": "application/json" };
const request = (body: BodyInit | null, headers: Record<string, string> = JSON_TYPE) =>
  new Request("http://gateway/", { method: "POST", headers, body, duplex: "half" } as RequestInit);

/** A body of so many bytes in pieces of a megabyte, of which `taken` counts how many were asked for. */
function chunked(bytes: number): { stream: ReadableStream<Uint8Array>; taken(): number; cancelled(): boolean } {
  let taken = 0;
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const size = Math.min(1024 * 1024, bytes - taken);
        if (size <= 0) return controller.close();
        taken += size;
        controller.enqueue(new Uint8Array(size).fill(32));
      },
      cancel() {
        cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, taken: () => taken, cancelled: () => cancelled };
}

const code = (name: string, param: string | null = null) => ({ name: "GatewayError", code: name, param });

const REFUSED: [name: string, body: BodyInit | null, headers: Record<string, string>, error: object][] = [
  ["nothing", null, JSON_TYPE, code("invalid_json")],
  ["white space", " \n", JSON_TYPE, code("invalid_json")],
  ["a byte order mark alone", new Uint8Array([0xef, 0xbb, 0xbf]), JSON_TYPE, code("invalid_json")],
  ["a list", "[]", JSON_TYPE, code("invalid_json")],
  ["null", "null", JSON_TYPE, code("invalid_json")],
  ["half a document", '{"a":', JSON_TYPE, code("invalid_json")],
  ["a stray byte", new Uint8Array([0x7b, 0xff, 0x7d]), JSON_TYPE, code("invalid_json")],
  ["half a UTF-8 sequence at the end", new Uint8Array([0x7b, 0x7d, 0xc3]), JSON_TYPE, code("invalid_json")],
  ["a key twice", '{"a":{"b":1,"b":2}}', JSON_TYPE, code("duplicate_key", "a.b")],
  ["65 levels", `${'{"a":'.repeat(65)}1${"}".repeat(65)}`, JSON_TYPE, code("json_too_deep")],
  ["gzip", "{}", { ...JSON_TYPE, "content-encoding": "gzip" }, code("unsupported_encoding")],
  ["a text", "{}", { "content-type": "text/plain" }, code("unsupported_media_type")],
  ["almost JSON", "{}", { "content-type": "application/jsonlines" }, code("unsupported_media_type")],
  [
    "a length over the cap",
    "{}",
    { ...JSON_TYPE, "content-length": String(MAXIMUM_BODY + 1) },
    code("request_too_large"),
  ],
];

describe("what is refused", () => {
  test.each(REFUSED)("%s", async (_, body, headers, error) => {
    await expect(readBody(request(body, headers))).rejects.toMatchObject(error);
  });

  test("a body over the cap that declared no length, without reading on", async () => {
    const body = chunked(MAXIMUM_BODY + 8 * 1024 * 1024);
    await expect(readBody(request(body.stream))).rejects.toMatchObject(code("request_too_large"));
    expect(body.taken()).toBe(MAXIMUM_BODY + 1024 * 1024);
    expect(body.cancelled()).toBe(true);
  });

  test("a body that breaks off", async () => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"a":1}'));
        controller.error(new Error("connection reset"));
      },
    });
    await expect(readBody(request(stream))).rejects.toMatchObject(code("invalid_json"));
  });
});

const TAKEN: [name: string, body: BodyInit, headers: Record<string, string>, value: unknown][] = [
  ["an object", '{"a":1}', JSON_TYPE, { a: 1 }],
  ["with a charset", "{}", { "content-type": "application/json; charset=utf-8" }, {}],
  ["of a type ending in +json", "{}", { "content-type": "application/vnd.api+json" }, {}],
  ["of a type in capitals", "{}", { "content-type": "Application/JSON" }, {}],
  ["encoded as identity", "{}", { ...JSON_TYPE, "content-encoding": "identity" }, {}],
  ["a byte order mark", new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]), JSON_TYPE, {}],
  ["64 levels", `${'{"a":'.repeat(64)}1${"}".repeat(64)}`, JSON_TYPE, expect.anything()],
  ["a lone surrogate", '{"a":"\\ud800"}', JSON_TYPE, { a: "\ud800" }],
];

describe("what is taken", () => {
  test.each(TAKEN)("%s", async (_, body, headers, value) => {
    expect((await readBody(request(body, headers))).body).toEqual(value);
  });

  test("no content type at all", async () => {
    const bare = request(new TextEncoder().encode("{}"), {});
    expect(bare.headers.get("content-type")).toBeNull();
    expect((await readBody(bare)).body).toEqual({});
  });

  test("bytes are counted as they came, not as characters", async () => {
    expect((await readBody(request('{"a":"é"}'))).bytes).toBe(10);
  });

  test("__proto__ is a key like any other", async () => {
    const { body } = await readBody(request('{"__proto__":{"polluted":true}}'));
    expect(Object.keys(body)).toEqual(["__proto__"]);
    expect((body as { polluted?: unknown }).polluted).toBeUndefined();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
