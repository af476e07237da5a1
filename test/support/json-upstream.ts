import { createServer } from "node:http";

/** What reached a provider of a test's own. */
export interface UpstreamCall<Body> {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: Body;
}

/** What it answers; a body that is no text is sent as JSON. */
export interface UpstreamAnswer {
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
}

export interface JsonUpstream<Body> {
  url: string;
  calls: UpstreamCall<Body>[];
  close(): Promise<void>;
}

/** A provider that answers as the test says; `never` leaves a request without an answer. */
export async function startJsonUpstream<Body>(
  answer: (call: UpstreamCall<Body>) => UpstreamAnswer | "never" | Promise<UpstreamAnswer | "never">,
): Promise<JsonUpstream<Body>> {
  const calls: UpstreamCall<Body>[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const { method = "", url: path = "", headers } = request;
    const call: UpstreamCall<Body> = { method, path, headers, body: text === "" ? null : JSON.parse(text) };
    calls.push(call);
    const answered = await answer(call);
    if (answered === "never") return;
    const { status = 200, headers: more = {}, body } = answered;
    response.writeHead(status, { "content-type": "application/json", ...more });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${bound.port}`,
    calls,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
