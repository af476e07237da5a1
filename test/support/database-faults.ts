import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What happens to a request on its way to the database. `slow`: answered late; `hang`: never answered; `503`: refused by
 * a proxy; `reset`: the connection breaks before the database sees it; `ack-lost`: after the database has done it;
 * `ack-held`: the database has done it, and its answer never comes; `{sqlstate}`: Postgres refuses it.
 */
export type Fault = "ok" | "slow" | "hang" | "503" | "reset" | "ack-lost" | "ack-held" | { sqlstate: string };

export interface Faults {
  /** URL to use instead of the endpoint's. */
  readonly url: string;
  /** For every request that finds `next` empty. */
  mode: Fault;
  /** For the coming requests, one each. */
  readonly next: Fault[];
  /** Requests seen. */
  readonly seen: number;
  /** Statements in them. */
  readonly statements: number;
  /** Answers that are held back, so far. */
  readonly held: number;
  /** Breaks all connections, as the database does when it dies. */
  drop(): void;
  close(): Promise<void>;
}

const SLOW_MS = 200;

/** A proxy before a Neon-style endpoint that misbehaves on demand. */
export async function startFaults(endpoint: string): Promise<Faults> {
  const next: Fault[] = [];
  const faults = { mode: "ok" as Fault, next, seen: 0, statements: 0, held: 0 };

  const server = createServer(async (request, response) => {
    faults.seen += 1;
    const fault = next.shift() ?? faults.mode;
    const body = await readBody(request).catch(() => null);
    // Whoever asked was killed while asking.
    if (body === null) return;
    faults.statements += statementsOf(body);
    if (fault === "hang") return;
    if (fault === "reset") return request.socket.resetAndDestroy();
    if (fault === "503") return respond(response, 503, "upstream connect error");
    if (typeof fault === "object") {
      const error = { message: `simulated ${fault.sqlstate}`, code: fault.sqlstate, severity: "ERROR" };
      return respond(response, 400, JSON.stringify(error));
    }
    if (fault === "slow") await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    const answer = await forward(endpoint, request, body).catch(() => null);
    // Nobody is there: refused as by the database's own port.
    if (answer === null) return request.socket.resetAndDestroy();
    if (fault === "ack-held") {
      faults.held += 1;
      return;
    }
    if (fault === "ack-lost") return request.socket.resetAndDestroy();
    respond(response, answer.status, answer.text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return Object.assign(faults, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sql`,
    drop: () => server.closeAllConnections(),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  });
}

/** A batch has a list of them, a single one stands alone. */
function statementsOf(body: Buffer): number {
  const { queries } = JSON.parse(body.toString()) as { queries?: unknown[] };
  return queries?.length ?? 1;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function forward(endpoint: string, request: IncomingMessage, body: Buffer) {
  const headers = Object.entries(request.headers).filter(([name]) => name.startsWith("neon-"));
  const answer = await fetch(endpoint, {
    method: "POST",
    body: new Uint8Array(body),
    headers: Object.fromEntries(headers) as Record<string, string>,
  });
  return { status: answer.status, text: await answer.text() };
}

function respond(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(text);
}
