import { describe, expect, test } from "vitest";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { ImagePart, Part } from "../../../worker/canonical/message.ts";
import type { StateOwner } from "../../../worker/canonical/reasoning-state.ts";
import type { CanonicalRequest } from "../../../worker/canonical/request.ts";
import { GatewayError } from "../../../worker/errors.ts";
import { checkAddresses, type Fetch, inlineMedia, mediaToInline } from "../../../worker/router/inline-media.ts";

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=";
const png = () => new Uint8Array(Buffer.from(PNG, "base64"));

const image = (url: string, index = 0): ImagePart => ({
  type: "image",
  media: { kind: "url", url },
  source: { path: `messages[0].content[${index}]` },
});

const requestOf = (parts: Part[]): CanonicalRequest => ({
  dialect: "openai-chat",
  model: "m",
  stream: false,
  messages: [{ role: "user", parts }],
  tools: [],
  settings: {},
  paths: {},
  source: { path: "" },
});

const found = (...urls: string[]) =>
  mediaToInline(requestOf(urls.map((url, index) => image(url, index))), "google-generate-content", "google");

type Page = (url: string, init: RequestInit) => Response | Promise<Response>;

/** A web of pages by address, which notes what was asked of it. */
function web(pages: Record<string, Page>) {
  const asked: string[] = [];
  const fetch: Fetch = async (url, init) => {
    asked.push(url);
    expect(init.redirect).toBe("manual");
    const page = pages[url];
    if (page === undefined) throw new TypeError("no such host");
    return page(url, init);
  };
  return { asked, fetch };
}

const inline = (
  parts: ReturnType<typeof found>,
  fetch: Fetch,
  options: { timeout?: number; signal?: AbortSignal } = {},
) => inlineMedia(parts, { fetch, signal: new AbortController().signal, ...options });

/** The error that comes of it. */
async function refused(doing: () => unknown): Promise<GatewayError> {
  try {
    await doing();
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const body =
  (bytes: Uint8Array, type?: string): Page =>
  () =>
    new Response(bytes as Uint8Array<ArrayBuffer>, type === undefined ? {} : { headers: { "content-type": type } });
const redirect =
  (location: string, status = 302): Page =>
  () =>
    new Response(null, { status, headers: { location } });

describe("addresses that are not followed", () => {
  const REFUSED: [what: string, url: string, why: RegExp][] = [
    ["no address", "not an address", /no address/],
    ["a relative one", "/cat.png", /no address/],
    ["http", "http://pictures.example.com/cat.png", /only https/],
    ["ftp", "ftp://pictures.example.com/cat.png", /only https/],
    ["a file", "file:///etc/passwd", /only https/],
    ["a user", "https://user@pictures.example.com/", /credentials/],
    ["a password", "https://:secret@pictures.example.com/", /credentials/],
    ["a port", "https://pictures.example.com:8443/", /port 443/],
    ["port 80", "https://pictures.example.com:80/", /port 443/],
    ...[
      "127.0.0.1",
      "127.1",
      "0177.0.0.1",
      "0x7f.0.0.1",
      "0x7f000001",
      "2130706433",
      "017700000001",
      "127.0.0.1.",
      "%31%32%37.0.0.1",
      "１２７。0。0。1",
      "0.0.0.0",
      "0",
      "10.0.0.1",
      "10.255.255.255",
      "100.64.0.1",
      "100.127.255.254",
      "169.254.169.254",
      "169.254.43518",
      "172.16.0.1",
      "172.31.255.255",
      "192.0.0.1",
      "192.0.2.7",
      "192.168.1.1",
      "3232235777",
      "198.18.0.1",
      "198.19.255.255",
      "198.51.100.1",
      "203.0.113.5",
      "224.0.0.1",
      "255.255.255.255",
      "[::1]",
      "[::]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[64:ff9b::7f00:1]",
      "[fd00::1]",
      "[fe80::1]",
      "[2606:4700:4700::1111]",
      "localhost",
      "LOCALHOST",
      "localhost.",
      "app.localhost",
      "printer.local",
      "printer.local.",
      "metadata.google.internal",
      "router.home.arpa",
      "nas.lan",
      "intranet",
      "wiki.corp",
    ].map((host): [string, string, RegExp] => [host, `https://${host}/x`, /private addresses/]),
  ];

  test.each(REFUSED)("%s, before anything is fetched", async (_what, url, why) => {
    const error = await refused(() => checkAddresses(found(url)));
    expect(error).toMatchObject({ code: "url_unsupported", status: 400, param: "messages[0].content[0]" });
    expect(error.message).toMatch(why);
    expect(error.message).toMatch(/Send the content itself\.$/);
  });

  // A header holds ASCII only.
  const inHeader = REFUSED.filter(([, url]) => URL.canParse(url) && /^[\x20-\x7e]+$/.test(url));

  test.each(inHeader)("%s, at the end of a redirect", async (_what, url, why) => {
    const { asked, fetch } = web({ "https://pictures.example.com/": redirect(url) });
    const error = await refused(() => inline(found("https://pictures.example.com/"), fetch));
    expect(error.message).toMatch(why);
    expect(asked).toEqual(["https://pictures.example.com/"]);
  });

  test.each([
    "https://pictures.example.com/cat.png",
    "https://pictures.example.com:443/cat.png",
    "https://1drv.ms/x",
    "https://9gag.com/x",
    "https://0xffffff.io/x",
    "https://localhosting.example.com/x",
    "https://10.example.com/x",
    "https://my.local.example.com/x",
    "https://internal.example.com/x",
    "https://8.8.8.8/x",
    "https://172.32.0.1/x",
    "https://172.15.0.1/x",
    "https://100.63.0.1/x",
    "https://100.128.0.1/x",
    "https://193.168.0.1/x",
    "https://münchen.example.com/x",
  ])("%s is followed", (url) => {
    expect(() => checkAddresses(found(url))).not.toThrow();
  });

  test("the 21st address is one too many, the same one is not", async () => {
    const twenty = Array.from({ length: 20 }, (_, index) => `https://pictures.example.com/${index}`);
    expect(() => checkAddresses(found(...twenty, ...twenty))).not.toThrow();
    const error = await refused(() => checkAddresses(found(...twenty, "https://pictures.example.com/20")));
    expect(error).toMatchObject({ code: "url_unsupported", param: "messages[0].content[20]" });
    expect(error.message).toContain("more than 20 addresses");
  });
});

describe("what is fetched", () => {
  const TYPES: [what: string, url: string, page: Page, mediaType: string][] = [
    [
      "the type it is said to be",
      "https://a.example.com/x",
      body(new Uint8Array([1]), "image/svg+xml; q=1"),
      "image/svg+xml",
    ],
    ["a picture called text", "https://a.example.com/x.txt", body(png(), "text/plain"), "image/png"],
    ["a picture called nothing", "https://a.example.com/x", body(png()), "image/png"],
    [
      "a JPEG called PNG",
      "https://a.example.com/x.png",
      body(new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), "image/png"),
      "image/jpeg",
    ],
    [
      "a PDF called bytes",
      "https://a.example.com/x",
      body(Buffer.from("%PDF-1.7"), "application/octet-stream"),
      "application/pdf",
    ],
    [
      "bytes with a name",
      "https://a.example.com/x.csv?y=1",
      body(Buffer.from("a,b"), "application/octet-stream"),
      "text/csv",
    ],
    ["bytes without one", "https://a.example.com/x", body(Buffer.from("a,b")), "application/octet-stream"],
  ];

  test.each(TYPES)("%s", async (_what, url, page, mediaType) => {
    const parts = found(url);
    await inline(parts, web({ [url]: page }).fetch);
    expect(parts[0]?.part.media).toMatchObject({ kind: "base64", mediaType });
  });

  test("the same address once, into each part", async () => {
    const url = "https://a.example.com/cat.png";
    const parts = found(url, url, url);
    const { asked, fetch } = web({ [url]: body(png(), "image/png") });
    await inline(parts, fetch);
    expect(asked).toEqual([url]);
    const media = { kind: "base64", mediaType: "image/png", data: PNG };
    expect(parts.map(({ part }) => part.media)).toEqual([media, media, media]);
  });

  test("three redirects, relative ones too, and not a fourth", async () => {
    const pages = {
      "https://a.example.com/1": redirect("/2", 301),
      "https://a.example.com/2": redirect("//b.example.com/3", 307),
      "https://b.example.com/3": redirect("https://c.example.com/4", 308),
      "https://c.example.com/4": body(png(), "image/png"),
      "https://a.example.com/0": redirect("/1"),
    };
    const three = web(pages);
    await inline(found("https://a.example.com/1"), three.fetch);
    expect(three.asked).toHaveLength(4);
    const four = web(pages);
    const error = await refused(() => inline(found("https://a.example.com/0"), four.fetch));
    expect(error.message).toContain("redirects too often");
    expect(four.asked).not.toContain("https://c.example.com/4");
  });

  const FAILS: [what: string, page: Page, why: RegExp][] = [
    ["an error", () => new Response("no", { status: 404 }), /status 404/],
    ["a redirect to nowhere", () => new Response(null, { status: 302 }), /status 302/],
    ["a broken redirect", redirect("https://[/"), /no address/],
    ["nothing at all", () => new Response(null, { status: 204 }), /status 204/],
    ["no bytes", () => new Response(""), /nothing at the address/],
    ["a broken connection", () => Promise.reject(new TypeError("reset")), /could not be fetched/],
    [
      "a body that breaks off",
      () => new Response(new ReadableStream({ pull: (controller) => controller.error(new Error("reset")) })),
      /could not be fetched/,
    ],
  ];

  test.each(FAILS)("%s is refused", async (_what, page, why) => {
    const url = "https://a.example.com/x";
    const error = await refused(() => inline(found(url), web({ [url]: page }).fetch));
    expect(error).toMatchObject({ code: "url_unsupported", status: 400, param: "messages[0].content[0]" });
    expect(error.message).toMatch(why);
  });

  const megabytes = (count: number) => body(new Uint8Array(count * 1024 * 1024), "image/png");

  test("more than 10 MB is refused, and not read to its end", async () => {
    const url = "https://a.example.com/x";
    let pulled = 0;
    let cancelled = false;
    const endless: Page = () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            pulled++;
            controller.enqueue(new Uint8Array(1024 * 1024));
          },
          cancel() {
            cancelled = true;
          },
        }),
      );
    const error = await refused(() => inline(found(url), web({ [url]: endless }).fetch));
    expect(error.message).toContain("larger than 10 MB");
    expect([pulled < 14, cancelled]).toEqual([true, true]);
    await inline(found(url), web({ [url]: megabytes(10) }).fetch);
  });

  test("more than 20 MB together are refused", async () => {
    const urls = ["https://a.example.com/1", "https://a.example.com/2", "https://a.example.com/3"];
    const pages = Object.fromEntries(urls.map((url) => [url, megabytes(8)]));
    const error = await refused(() => inline(found(...urls), web(pages).fetch));
    expect(error.message).toContain("20 MB together");
    await inline(found(...urls.slice(1)), web(pages).fetch);
  });

  const never = () => new Promise<never>(() => {});
  const SLOW: [what: string, page: Page][] = [
    ["no answer", never],
    ["a body that never begins", () => new Response(new ReadableStream({ pull: never }))],
    [
      "a body that drips",
      () =>
        new Response(
          new ReadableStream({
            async pull(controller) {
              await new Promise((resolve) => setTimeout(resolve, 10));
              controller.enqueue(new Uint8Array(1));
            },
          }),
        ),
    ],
    [
      "redirects that drag",
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 40));
        return new Response(null, { status: 302, headers: { location: "/x" } });
      },
    ],
  ];

  test.each(SLOW)("%s: given up after a time", async (_what, page) => {
    const url = "https://a.example.com/x";
    const started = performance.now();
    const error = await refused(() => inline(found(url), web({ [url]: page }).fetch, { timeout: 100 }));
    expect(error.message).toContain("did not answer within 0.1 seconds");
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test("the client's leaving ends it, and one failure ends the others", async () => {
    const signals: AbortSignal[] = [];
    const waiting: Page = (_url, { signal }) => {
      signals.push(signal as AbortSignal);
      return never();
    };
    const gone = new AbortController();
    const url = "https://a.example.com/x";
    const left = refused(() => inline(found(url), web({ [url]: waiting }).fetch, { signal: gone.signal }));
    gone.abort();
    await left;
    const pages = { [url]: waiting, "https://a.example.com/y": () => new Response("", { status: 500 }) };
    await refused(() => inline(found(url, "https://a.example.com/y"), web(pages).fetch));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});

describe("which media a provider cannot fetch", () => {
  const url = "https://a.example.com/x";
  const PARTS: [kind: string, part: Part][] = [
    ["image", image(url)],
    ["http image", image("http://a.example.com/x")],
    ["document", { type: "document", media: { kind: "url", url } }],
    ["audio", { type: "audio", media: { kind: "url", url } }],
    ["video", { type: "video", media: { kind: "url", url } }],
    [
      "image in a result",
      { type: "tool_result", callId: "c", kind: "function", isError: false, content: [image(url)] },
    ],
    ["inline image", { type: "image", media: { kind: "base64", mediaType: "image/png", data: PNG } }],
    ["file", { type: "image", media: { kind: "file", id: "file_1", vendor: "openai" } }],
  ];
  const INLINED: [dialect: ChatDialectId, owner: StateOwner, kinds: string[]][] = [
    ["google-generate-content", "google", ["image", "http image", "document", "audio", "video", "image in a result"]],
    ["openai-chat", "openai", ["document", "audio"]],
    ["openai-chat", "none", ["document", "audio"]],
    ["openai-chat", "openrouter", ["audio"]],
    ["openai-responses", "openai", []],
    ["anthropic-messages", "anthropic", ["http image"]],
  ];

  test.each(INLINED)("%s at %s", (dialect, owner, expected) => {
    const inlined = PARTS.filter(([, part]) => mediaToInline(requestOf([part]), dialect, owner).length > 0);
    expect(inlined.map(([kind]) => kind)).toEqual(expected);
  });
});
