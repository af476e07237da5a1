import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { MOUNTS, type Mount, readAll, useSimulator } from "./setup.ts";

const { ask, newest, url } = useSimulator();

const mounts = Object.keys(MOUNTS) as Mount[];

/** The events in a body so far, comment lines left out. */
const eventsIn = (text: string): string[] => text.split(/\r?\n\r?\n/).filter((event) => event.includes("data: "));

/** What ends a healthy stream of each kind. */
const TERMINAL: Record<Mount, RegExp> = {
  openai: /data: \[DONE\]\n\n$/,
  responses: /event: response\.completed\n.+\n\n$/,
  anthropic: /event: message_stop\n.+\n\n$/,
  google: /"finishReason": "STOP".*\r\n\r\n$/,
  openrouter: /data: \[DONE\]\n\n$/,
};

describe("errors of every class, in the vendor's envelope", () => {
  const STATUSES = [400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503, 529];
  const envelopes: Record<Mount, (status: number) => object> = {
    openai: () => ({ error: { message: expect.any(String), type: expect.any(String), param: null } }),
    responses: () => ({ error: { message: expect.any(String), type: expect.any(String), param: null } }),
    anthropic: () => ({
      type: "error",
      error: { type: expect.stringMatching(/_error$|^request_too_large$/), message: expect.any(String) },
      request_id: expect.stringMatching(/^req_/),
    }),
    google: (status) => ({
      error: { code: status, message: expect.any(String), status: expect.stringMatching(/^[A-Z_]+$/) },
    }),
    openrouter: (status) => ({
      error: { code: status, message: expect.any(String), metadata: { error_type: expect.any(String) } },
      user_id: expect.any(String),
    }),
  };

  test.each(mounts.flatMap((mount) => STATUSES.map((status) => [mount, status] as const)))(
    "%s %d",
    async (mount, status) => {
      const response = await ask(mount, `m+status-${status}`, { stream: status % 2 === 0 && mount !== "google" });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject(envelopes[mount](status));
      expect(await newest()).toMatchObject({ status, tokens: null, finished: true });
    },
  );

  test.each(mounts)("%s 502 is the edge's page, at OpenRouter JSON", async (mount) => {
    const response = await ask(mount, "m+status-502");
    expect(response.status).toBe(502);
    expect(response.headers.get("content-type")).toMatch(mount === "openrouter" ? /json/ : /html/);
  });

  test.each([
    ["openai", { error: { type: "insufficient_quota" } }, { error: { code: "context_length_exceeded" } }],
    [
      "anthropic",
      { error: { details: { error_code: "enforced_spend_limit_reached" } } },
      { error: { message: expect.stringContaining("prompt is too long") } },
    ],
    [
      "google",
      { error: { details: [{ violations: [{ quotaId: expect.stringContaining("PerDay") }] }, {}] } },
      { error: { message: expect.stringContaining("exceeds the maximum number of tokens") } },
    ],
    [
      "openrouter",
      { error: { message: expect.stringContaining("per-day") } },
      { error: { metadata: { error_type: "context_length_exceeded" } } },
    ],
  ] as const)("%s: lasting quota, prompt too long", async (mount, quota, length) => {
    const spent = await ask(mount, "m+quota");
    expect([spent.status, await spent.json()]).toMatchObject([429, quota]);
    const long = await ask(mount, "m+context-length");
    expect([long.status, await long.json()]).toMatchObject([400, length]);
  });

  test("Retry-After, also in Google's body, and in an array where the stream would be one", async () => {
    const response = await ask("openai", "m+status-429+retry-after-7+retry-after-ms-7000");
    expect([response.headers.get("retry-after"), response.headers.get("retry-after-ms")]).toEqual(["7", "7000"]);
    const plain = await ask("openai", "m+status-429");
    expect(plain.headers.get("retry-after-ms")).toBe("120");
    const asked = await ask("openai", "m+status-429+retry-after-7");
    expect([asked.headers.get("retry-after"), asked.headers.get("retry-after-ms")]).toEqual(["7", null]);
    const body = await (await ask("google", "m+status-429+retry-after-7")).json();
    expect(body.error.details).toContainEqual({
      "@type": "type.googleapis.com/google.rpc.RetryInfo",
      retryDelay: "7s",
    });
    const array = await fetch(`${url()}/google/v1beta/models/m+status-503:streamGenerateContent`, {
      method: "POST",
      headers: { "x-goog-api-key": "k" },
      body: "{}",
    });
    expect(await array.json()).toMatchObject([{ error: { code: 503 } }]);
  });

  test("a directive that is misspelt is refused by name", async () => {
    for (const directive of ["stauts-500", "status-x", "cut"]) {
      const response = await ask("openai", `m+${directive}`);
      expect(response.status).toBe(400);
      expect((await response.json()).error.message).toContain(directive.split("-")[0]);
    }
  });

  test("first-n fails only so often", async () => {
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await ask("anthropic", "m+first-2+status-529")).status);
    expect(statuses).toEqual([529, 529, 200]);
    expect((await ask("anthropic", "other+first-2+status-529")).status).toBe(529);
  });

  /** The statuses of so many requests for a model, one after another; `key` in place of the usual one. */
  async function statuses(model: string, count: number, key = "k"): Promise<number[]> {
    const all: number[] = [];
    for (let asked = 0; asked < count; asked += 1)
      all.push((await ask("openai", model, { headers: { authorization: `Bearer ${key}` } })).status);
    return all;
  }

  test("every-n fails every nth time, anew when the books are cleared, and with first-n only so long", async () => {
    expect(await statuses("m+every-2+status-529", 5)).toEqual([200, 529, 200, 529, 200]);
    expect(await statuses("m+every-1+status-529", 2)).toEqual([529, 529]);
    await fetch(`${url()}/_simulator/requests`, { method: "DELETE" });
    expect(await statuses("m+every-2+status-529", 1)).toEqual([200]);
    expect(await statuses("m+every-2+first-3+status-529", 4)).toEqual([200, 529, 200, 200]);
    expect(await statuses("m+every-0+status-529", 1)).toEqual([400]);
    // A stream that fails by turns is not kept ready, whatever the benchmarks ask for.
    const texts = [];
    for (let count = 0; count < 3; count += 1)
      texts.push(await (await ask("openai", "m+nobooks+every-2+text-second", { stream: true })).text());
    expect(texts.map((text) => text.includes("second"))).toEqual([false, true, false]);
  });

  test("account-name fails for one key alone, and each key counts for itself", async () => {
    expect(await statuses("m+account-second+status-503", 1, "simulated-second")).toEqual([503]);
    expect(await statuses("m+account-second+status-503", 1, "simulated")).toEqual([200]);
    expect(await statuses("m+account-default+status-503", 1, "simulated")).toEqual([503]);
    expect(await statuses("m+first-1+status-503", 2, "simulated")).toEqual([503, 200]);
    expect(await statuses("m+first-1+status-503", 2, "simulated-second")).toEqual([503, 200]);
  });
});

describe("requests that are none", () => {
  const bases: [Mount, string][] = [
    ["openai", "/openai/v1"],
    ["anthropic", "/anthropic/v1"],
    ["google", "/google/v1beta"],
    ["openrouter", "/openrouter/api/v1"],
  ];
  const headers = { authorization: "Bearer k", "anthropic-version": "2023-06-01" };

  test.each(bases)("%s: not JSON, no model, no such path, zipped", async (mount, base) => {
    const path = mount === "google" ? `${base}/models/m:generateContent` : MOUNTS[mount];
    for (const body of ["{", "[]", "null", ""]) {
      const response = await fetch(url() + path, { method: "POST", headers, body });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
    }
    if (mount !== "google")
      expect((await fetch(url() + path, { method: "POST", headers, body: "{}" })).status).toBe(400);
    for (const [method, unknown] of [
      ["POST", "/nothing"],
      ["GET", "/models/%zz"],
      ["DELETE", "/models"],
    ] as const) {
      const response = await fetch(`${url()}${base}${unknown}`, { method, headers });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
    }
    const zipped = await fetch(url() + path, {
      method: "POST",
      headers: { ...headers, "content-encoding": "gzip" },
      body: gzipSync(
        JSON.stringify(mount === "google" ? { contents: [{ parts: [{ text: "x" }] }] } : { model: "m+status-418" }),
      ),
    });
    expect(zipped.status).toBe(mount === "google" ? 200 : 418);
  });
});

describe("answers that are not the vendor's", () => {
  test.each(mounts)("%s: redirect, empty, html, malformed", async (mount) => {
    for (const stream of [false, true]) {
      const redirect = await ask(mount, "m+redirect-307", { stream });
      expect([redirect.status, redirect.headers.get("location")]).toEqual([307, "http://elsewhere.invalid/v1/stolen"]);
      expect(await (await ask(mount, "m+empty", { stream })).text()).toBe("");
      const html = await ask(mount, "m+html", { stream });
      expect([html.status, html.headers.get("content-type")]).toEqual([200, "text/html; charset=UTF-8"]);
      expect(await html.text()).toContain("<html>");
    }
    const elsewhere = await ask(mount, "m+redirect-302+location-http%3A%2F%2F127.0.0.1%3A9%2Fx");
    expect(elsewhere.headers.get("location")).toBe("http://127.0.0.1:9/x");
    expect((await newest()).tokens).toBeNull();
    const broken = await (await ask(mount, "m+malformed")).text();
    expect(() => JSON.parse(broken)).toThrow();
    for (const stream of [false, true]) {
      const bytes = await (await ask(mount, "m+bad-utf8-1", { stream })).arrayBuffer();
      expect(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes)).toThrow();
    }
    const events = eventsIn(await (await ask(mount, "m+malformed-1", { stream: true })).text());
    const parses = events.map((event) => {
      const data = event.slice(event.indexOf("data: ") + 6);
      try {
        return data === "[DONE]" || JSON.parse(data) !== undefined;
      } catch {
        return false;
      }
    });
    expect(parses[1]).toBe(false);
    expect(parses.filter((fine) => !fine)).toHaveLength(1);
  });
});

describe("streams that end badly", () => {
  test.each(mounts)("%s: cut, clean end, error, after n events", async (mount) => {
    const healthy = await readAll(await ask(mount, "m", { stream: true }));
    expect(healthy.text).toMatch(TERMINAL[mount]);
    for (const count of [0, 1, 4]) {
      const cut = await readAll(await ask(mount, `m+cut-${count}`, { stream: true }));
      expect([cut.ended, eventsIn(cut.text).length]).toEqual([false, count]);
      expect(await newest()).toMatchObject({ chunksSent: count, clientGone: false });

      const reset = await readAll(await ask(mount, `m+reset-${count}`, { stream: true }));
      expect(reset.ended).toBe(false);
      expect(eventsIn(reset.text).length).toBeLessThanOrEqual(count);

      const eof = await readAll(await ask(mount, `m+eof-${count}`, { stream: true }));
      expect([eof.ended, eventsIn(eof.text).length]).toEqual([true, count]);
      expect(eof.text).not.toMatch(TERMINAL[mount]);

      const failed = await ask(mount, `m+error-${count}+status-503`, { stream: true });
      expect(failed.status).toBe(200);
      const { text, ended } = await readAll(failed);
      expect([ended, eventsIn(text).length]).toEqual([true, count + 1]);
      expect(eventsIn(text).at(-1)).toMatch(
        {
          openai: /^data: \{"error":\{"message":"The engine is currently overloaded/,
          responses: /^event: response\.failed\ndata: .*"status":"failed","background":false,.*"code":"server_error"/,
          anthropic: /^event: error\ndata: \{"type":"error","error":\{"type":"api_error"/,
          google: /^data: \{"error": \{"code": 503,"message": .*"status": "UNAVAILABLE"/,
          openrouter: /^data: .*"error":\{.*"code":503.*"finish_reason":"error"/,
        }[mount],
      );
    }
  });

  test("whole answers break off in the middle", async () => {
    const whole = (await (await ask("openai", "m")).text()).length;
    for (const directive of ["cut", "reset"]) {
      const { text, ended } = await readAll(await ask("openai", `m+${directive}-0`));
      expect(ended).toBe(false);
      expect(text.length).toBeLessThan(whole);
    }
  });

  test("a cut stream bills what went out", async () => {
    await readAll(await ask("openai", "m+chunks-100+cut-51", { stream: true }));
    const { outputTokensSent, tokens, usage } = await newest();
    expect(outputTokensSent).toBeGreaterThan(0);
    expect(outputTokensSent).toBeLessThan(tokens?.output ?? 0);
    expect(usage).toMatchObject({ completion_tokens: tokens?.output });
  });

  test("JSON arrays break off as well", async () => {
    const post = async (model: string): Promise<string> => {
      const response = await fetch(`${url()}/google/v1beta/models/${model}:streamGenerateContent`, {
        method: "POST",
        headers: { "x-goog-api-key": "k" },
        body: JSON.stringify({ contents: [{ parts: [{ text: "x" }] }] }),
      });
      return (await readAll(response)).text;
    };
    expect((await post("m+eof-2")).match(/"candidates"/g)).toHaveLength(2);
    expect(JSON.parse(await post("m+error-2"))).toMatchObject([
      { candidates: [{}] },
      { candidates: [{}] },
      { error: { code: 500 } },
    ]);
  });

  test.each(mounts)("%s: silence after n events until the client leaves", async (mount) => {
    const leave = new AbortController();
    const response = await ask(mount, "m+silence-2", { stream: true, signal: leave.signal });
    const reader = response.body?.getReader();
    let text = "";
    while (eventsIn(text).length < 2) text += new TextDecoder().decode((await reader?.read())?.value);
    leave.abort();
    expect(await newest()).toMatchObject({ chunksSent: 2, clientGone: true, finished: false });
  });
});

test("a model that one endpoint alone serves", async () => {
  const other = await ask("openai", "m+only-responses");
  expect(other.status).toBe(404);
  expect((await other.json()).error.message).toMatch(
    /only supported in v1\/responses and not in v1\/chat\/completions/,
  );
  expect((await ask("responses", "m+only-responses")).status).toBe(200);
  expect((await ask("responses", "m+only-chat")).status).toBe(404);
  expect((await ask("openai", "m+only-chat")).status).toBe(200);
});

describe("slow and odd transports", () => {
  test("hang and hangup come before the headers", async () => {
    await expect(ask("openai", "m+hangup")).rejects.toThrow();
    const leave = new AbortController();
    const hanging = ask("openai", "m+hang", { signal: leave.signal });
    await fetch(`${url()}/_simulator/requests?model=m%2Bhang&wait=5000`);
    leave.abort();
    await expect(hanging).rejects.toThrow();
    expect(await newest("model=m%2Bhang")).toMatchObject({ clientGone: true, status: null });
  });

  test("delays before the headers and before the first byte", async () => {
    for (const directive of ["headers-after", "first-byte-after"])
      expect(await (await ask("openai", `m+${directive}-1`)).text()).toContain("You said");
    // Ten minutes are not waited for: a request that came later is answered first.
    const leave = new AbortController();
    const order: string[] = [];
    const late = ask("openai", "m+headers-after-600000", { signal: leave.signal }).catch(() => order.push("headers"));
    const body = await ask("openai", "m+first-byte-after-600000", { stream: true, signal: leave.signal });
    expect(body.status).toBe(200);
    const text = body.text().catch(() => order.push("body"));
    await (await ask("openai", "later")).text();
    order.push("later");
    leave.abort();
    await Promise.all([late, text]);
    expect(order[0]).toBe("later");
    expect(await newest("model=m%2Bfirst-byte-after-600000")).toMatchObject({
      status: 200,
      chunksSent: 0,
      clientGone: true,
    });
  });

  test.each(mounts)("%s: the line ends asked for, the same bytes in any pieces", async (mount) => {
    const text = async (directives: string): Promise<string> =>
      (await ask(mount, `m${directives}`, { stream: true, text: "grüß dich" })).text();
    const crlf = await text("+crlf");
    expect(crlf.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(await text("+lf")).not.toContain("\r");
    // Ids and obfuscation differ between requests; the answer does not.
    const answer = (body: string): string[] =>
      eventsIn(body).map((event) =>
        event
          .replace(/"(id|item_id|responseId|obfuscation)": ?"[^"]*"/g, "")
          .replace(/ *\}$/, "}")
          .replace(/"created(_at)?":\d+/g, "")
          .replace(/"completed_at":\d+/g, ""),
      );
    const whole = answer(await text(""));
    expect(answer(await text("+bytewise"))).toEqual(whole);
    expect(answer(await text("+split-7"))).toEqual(whole);
    expect(answer(await text("+batch-3"))).toEqual(whole);
    expect(answer(await text("+comments"))).toEqual(whole);
  });

  test("one byte at a time is one byte to a chunk on the wire", async () => {
    const { hostname, port } = new URL(url());
    const body = JSON.stringify({
      model: "m+bytewise+text-x",
      stream: true,
      messages: [{ role: "user", content: "x" }],
    });
    const raw = await new Promise<string>((resolve, reject) => {
      let received = "";
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `POST /openai/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        ),
      );
      socket.setEncoding("utf8");
      socket.on("data", (data: string) => {
        received += data;
      });
      socket.on("end", () => resolve(received)).on("error", reject);
    });
    const chunked = raw.slice(raw.indexOf("\r\n\r\n") + 4);
    expect(chunked).toMatch(/^(1\r\n[^\0]\r\n)+0\r\n\r\n$/);
  });
});

describe("the answer and the bill as asked", () => {
  test.each(mounts)("%s: exact text, chunks, size", async (mount) => {
    expect(await (await ask(mount, "m+text-two%20words%2C%201%2B1")).text()).toContain("two words, 1+1");
    const deltas: Record<Mount, RegExp> = {
      openai: /"delta":\{"content":"[^"]/g,
      responses: /event: response\.output_text\.delta/g,
      anthropic: /"text_delta"/g,
      google: /"text": "[^"]/g,
      openrouter: /"delta":\{"content":"[^"]/g,
    };
    expect((await (await ask(mount, "m+chunks-50", { stream: true })).text()).match(deltas[mount])).toHaveLength(50);
    const large = await (
      await ask(mount, "m+bytes-100000", mount === "anthropic" ? { body: { max_tokens: 30_000 } } : {})
    ).text();
    expect(large.match(/All work [^"]*/)?.[0]).toHaveLength(100_000);
    expect((await newest("model=m%2Bbytes-100000")).tokens?.output).toBe(25_000);
  });

  test.each(mounts)("%s: usage missing, negative, huge; the books stay true", async (mount) => {
    const usageOf = async (directive: string): Promise<Record<string, unknown> | undefined> => {
      const body = await (await ask(mount, `m+${directive}`)).json();
      return (body.usage ?? body.usageMetadata) as Record<string, unknown> | undefined;
    };
    const field = {
      openai: "completion_tokens",
      responses: "output_tokens",
      anthropic: "output_tokens",
      google: "candidatesTokenCount",
      openrouter: "completion_tokens",
    }[mount];
    const output = 10;
    expect((await usageOf("text-0123456789012345678901234567890123456789"))?.[field]).toBe(output);
    expect((await usageOf("text-0123456789012345678901234567890123456789+no-usage")) ?? null).toBeNull();
    expect((await usageOf("text-0123456789012345678901234567890123456789+negative-usage"))?.[field]).toBe(-output);
    expect((await usageOf("text-0123456789012345678901234567890123456789+huge-usage"))?.[field]).toBe(1e18);
    expect((await newest()).tokens?.output).toBe(output);
    const stream = await (await ask(mount, "m+no-usage", { stream: true })).text();
    expect(stream).not.toMatch(/prompt_tokens|input_tokens|promptTokenCount/);
  });

  test("tools, thinking, preamble, filter by name", async () => {
    const tools = [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }];
    const five = await (await ask("openai", "m+tools-5+preamble", { body: { tools } })).json();
    expect(five.choices[0].message.tool_calls).toHaveLength(5);
    expect(five.choices[0].message.content).toContain("I will ask");
    const none = await (await ask("openai", "m+no-tools", { body: { tools } })).json();
    expect(none.choices[0].finish_reason).toBe("stop");
    const thinks = await (await ask("anthropic", "m+thinking")).json();
    expect(thinks.content[0].type).toBe("thinking");
    const not = await (await ask("anthropic", "m+no-thinking", { body: { thinking: { type: "adaptive" } } })).json();
    expect(not.content[0].type).toBe("text");
    expect((await (await ask("openai", "m+filter")).json()).choices[0].finish_reason).toBe("content_filter");
    expect((await (await ask("google", "m+filter")).json()).candidates[0].finishReason).toBe("SAFETY");
    expect(await (await ask("responses", "m+filter")).json()).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "content_filter" },
    });
  });
});
