import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

/** How long an answer of the API takes here, in milliseconds: the page is measured, not the gateway. */
const ANSWER_MS = 40;

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".json": "application/json",
};
const NO_PACKING = new Set([".woff2"]);

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** Answers in the API's place, at once or piece by piece, or leaves it to the API. */
export type StandIn = (url: URL, request: IncomingMessage) => Answer | ((response: ServerResponse) => void) | undefined;

export const json = (body: unknown): Answer => ({
  ...{ status: 200, headers: { "content-type": "application/json" } },
  body: Buffer.from(JSON.stringify(body)),
});

export interface Site {
  origin: string;
  /** Of all requests so far: method, path and search. */
  asked: string[];
  /** What answers some of the API's questions from now on. */
  standIn(by: StandIn | null): void;
  close(): void;
}

/**
 * A built page as a host serves it, packed and with its headers, and the API of `gateway` behind the same origin: what was read
 * once is answered from memory after 40 ms, whatever the machine is busy with.
 */
export async function startSite(built: string, gateway: string): Promise<Site> {
  const policy = existsSync(join(built, "_headers"))
    ? (/Content-Security-Policy: (.*)/.exec(readFileSync(join(built, "_headers"), "utf8"))?.[1] ?? "")
    : "";
  const files = new Map<string, Buffer>();
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  let standIn: StandIn | null = null;

  const fileOf = (path: string): string => {
    const own = join(built, path);
    if (path !== "/" && existsSync(own) && statSync(own).isFile()) return own;
    return existsSync(`${own}.html`) && path !== "/" ? `${own}.html` : join(built, "index.html");
  };
  const serveFile = (path: string, response: ServerResponse): void => {
    const file = fileOf(path);
    const packs = !NO_PACKING.has(extname(file));
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "cache-control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
      ...(policy && extname(file) === ".html" ? { "content-security-policy": policy } : {}),
      ...(packs ? { "content-encoding": "gzip" } : {}),
    });
    if (!packs) {
      createReadStream(file).pipe(response);
      return;
    }
    const packed = files.get(file) ?? gzipSync(readFileSync(file), { level: 9 });
    files.set(file, packed);
    response.end(packed);
  };
  const pass = async (request: IncomingMessage): Promise<Answer> => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const headers = Object.entries(request.headers).filter(
      ([name]) => !/^(?:host|connection|content-length|accept-encoding)$/.test(name),
    );
    const given = await fetch(gateway + request.url, {
      method: request.method ?? "GET",
      headers: headers.map(([name, value]): [string, string] => [
        name,
        String(value).replace(/^http:\/\/127\.0\.0\.1:\d+/, gateway),
      ]),
      ...(pieces.length > 0 ? { body: Buffer.concat(pieces) } : {}),
    });
    const kept = [...given.headers].filter(
      ([name]) => !/^(?:content-encoding|content-length|transfer-encoding|connection)$/.test(name),
    );
    return { status: given.status, headers: Object.fromEntries(kept), body: Buffer.from(await given.arrayBuffer()) };
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://site");
    asked.push(`${request.method} ${url.pathname}${url.search}`);
    if (!/^\/(?:api|v1|health|config\.json)\b/.test(url.pathname)) return serveFile(url.pathname, response);
    const key = `${request.url} ${request.headers.cookie ?? ""} ${request.headers["x-gaia-organization"] ?? ""}`;
    const isKept = request.method === "GET" && !url.pathname.endsWith("/live");
    try {
      const stood = standIn?.(url, request);
      if (typeof stood === "function") return stood(response);
      const known = stood ?? (isKept ? answers.get(key) : undefined);
      const answer = known ?? (await pass(request));
      if (isKept && answer.status === 200 && !known) answers.set(key, answer);
      if (known) await sleep(ANSWER_MS);
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch {
      response.writeHead(502).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    standIn: (by) => {
      standIn = by;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
