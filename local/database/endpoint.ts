import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type Backend, errorBody, isPostgresError, type Login } from "./backend.ts";
import { ProtocolError, readRequest, writeAnswer } from "./protocol.ts";

/** Neon's own limit. */
const MAXIMUM_BODY_BYTES = 10 * 1024 * 1024;

class BodyTooLarge extends Error {}

/**
 * Neon's HTTP endpoint in front of a backend: `POST /sql`, and `GET /health`, which asks the database as `owner`.
 * Resolves when it listens; port 0 takes a free one. Rejects when the port is taken.
 */
export async function startEndpoint(backend: Backend, owner: Login, port: number, host: string): Promise<Server> {
  const server = createServer((request, response) => {
    answer(backend, owner, request)
      .catch(asFailure)
      .then(({ status, body }) => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      });
  });
  server.listen(port, host);
  await once(server, "listening");
  return server;
}

interface Answer {
  status: number;
  body: unknown;
}

async function answer(backend: Backend, owner: Login, request: IncomingMessage): Promise<Answer> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (pathname === "/health" && request.method === "GET") {
    await backend.run(owner, [{ query: "select 1", params: [] }], null);
    return { status: 200, body: { status: "ok" } };
  }
  if (pathname !== "/sql") return { status: 404, body: { message: "not found" } };
  if (request.method !== "POST") return { status: 405, body: { message: "use POST" } };
  const sqlRequest = readRequest(request.headers, await readBody(request));
  const results = await backend.run(sqlRequest.login, sqlRequest.statements, sqlRequest.batch);
  return { status: 200, body: writeAnswer(sqlRequest, results) };
}

/** What Postgres or the protocol refuses is a 400 with Neon's body; everything else is the endpoint's own trouble. */
function asFailure(error: unknown): Answer {
  if (isPostgresError(error)) return { status: 400, body: errorBody(error) };
  if (error instanceof ProtocolError) return { status: 400, body: { message: error.message } };
  if (error instanceof BodyTooLarge) return { status: 413, body: { message: error.message } };
  return { status: 500, body: { message: error instanceof Error ? error.message : String(error) } };
}

/** Reads to the end in any case: a client that is still writing would see its connection break instead of the answer. */
async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= MAXIMUM_BODY_BYTES) chunks.push(chunk);
  }
  if (length > MAXIMUM_BODY_BYTES) throw new BodyTooLarge(`the body exceeds ${MAXIMUM_BODY_BYTES} bytes`);
  return Buffer.concat(chunks).toString("utf8");
}
