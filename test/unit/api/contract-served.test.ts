import { expect, test } from "vitest";
import { createApp } from "../../../worker/api/app.ts";
import type { Services } from "../../../worker/services.ts";

/** An application in which only the contract can be asked for; `files` are those that it finds. */
function ask(path: string, { files = null, headers = {} }: { files?: string[] | null; headers?: HeadersInit } = {}) {
  const services = {
    newRequestId: () => "01K00000000000000000000000",
    report: () => {},
    assets: files && {
      fetch: async (url: string) => {
        const found = files.includes(new URL(url).pathname);
        return new Response(found ? "a file" : "no file", { status: found ? 200 : 404, headers: { etag: '"a"' } });
      },
    },
  };
  return createApp(services as unknown as Services).request(`https://gaia.example${path}`, { headers });
}

test("the document is for the origin that was asked, and is not sent twice", async () => {
  const first = await ask("/openapi.json");
  expect(first.status).toBe(200);
  expect(first.headers.get("content-type")).toBe("application/json");
  expect(((await first.json()) as { servers: object[] }).servers).toEqual([{ url: "https://gaia.example" }]);
  const etag = first.headers.get("etag") ?? "";
  for (const tag of [etag, `"other", W/${etag}`]) {
    const again = await ask("/openapi.json", { headers: { "if-none-match": tag } });
    expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
  }
  expect((await ask("/openapi.json", { headers: { "if-none-match": '"other"' } })).status).toBe(200);
});

test.each([
  ["/docs", "/docs.html", "text/html; charset=utf-8"],
  ["/redoc", "/redoc.html", "text/html; charset=utf-8"],
  ["/reference/swagger-ui.css", "/swagger-ui.css", "text/css; charset=utf-8"],
  ["/reference/redoc.standalone.js", "/redoc.standalone.js", "text/javascript; charset=utf-8"],
])("%s is %s, by a policy that lets nothing in from elsewhere", async (path, file, type) => {
  const { status, headers } = await ask(path, { files: [file] });
  expect([status, headers.get("content-type"), headers.get("etag")]).toEqual([200, type, '"a"']);
  const policy = headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'; script-src 'self'; ");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
});

test.each([
  ["a file that is not named, though it is there", "/reference/secret.txt", ["/secret.txt"]],
  ["a name that leads elsewhere", "/reference/..%2Fdocs.html", ["/docs.html"]],
  ["a page of a gateway without its files", "/docs", null],
  ["a page whose file is missing", "/docs", []],
])("%s is a 404", async (_what, path, files) => {
  const answer = await ask(path, { files });
  expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([
    404,
    "unknown_url",
  ]);
});
