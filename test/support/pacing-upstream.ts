import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";

/** One answer of the upstream, as it goes. */
export interface Pour {
  /** Chunks written so far. */
  chunks: number;
  bytes: number;
  /** Resolves with the number of chunks when the connection has been closed by the other side, or has ended. */
  closed: Promise<number>;
}

export interface PacingUpstream {
  url: string;
  /** The pour that the request with this model name started, awaited until it begins. */
  pour(model: string): Promise<Pour>;
  close(): Promise<void>;
}

/**
 * How a model name tells the upstream to behave: headers after `hold` milliseconds, then chunks of a size at a pace, for
 * ever or up to a limit of bytes.
 */
export const pourModel = (
  id: string,
  behaviour: { hold?: number; pace: number; size: number; limit?: number },
): string => `pour.${id}.${behaviour.hold ?? 0}.${behaviour.pace}.${behaviour.size}.${behaviour.limit ?? 0}`;

const chunkOf = (size: number): string =>
  `data: ${JSON.stringify({ id: "c", model: "served", choices: [{ index: 0, delta: { content: "x".repeat(size) } }] })}\n\n`;

/** Writes until the other side goes; waits whenever it does not take more. */
async function pourInto(
  response: ServerResponse,
  pour: Pour,
  pace: number,
  size: number,
  limit: number,
): Promise<void> {
  const chunk = chunkOf(size);
  const gone = once(response, "close");
  while (!response.destroyed && (limit === 0 || pour.bytes < limit)) {
    const took = response.write(chunk);
    pour.chunks++;
    pour.bytes += chunk.length;
    if (!took) await Promise.race([once(response, "drain"), gone]);
    if (pace > 0) await new Promise((resolve) => setTimeout(resolve, pace));
  }
  if (!response.destroyed) response.end("data: [DONE]\n\n");
}

/** An upstream that counts what it got rid of, so that a test can tell when it was told to stop. */
export async function startPacingUpstream(): Promise<PacingUpstream> {
  const pours = new Map<string, Pour>();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const model = /pour\.[\w.-]+/.exec(body + request.url)?.[0] ?? "";
    const [, , hold, pace, size, limit] = model.split(".");
    const pour: Pour = { chunks: 0, bytes: 0, closed: Promise.resolve(0) };
    pour.closed = new Promise((resolve) => response.once("close", () => resolve(pour.chunks)));
    pours.set(model, pour);
    await new Promise((resolve) => setTimeout(resolve, Number(hold)));
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    await pourInto(response, pour, Number(pace), Number(size), Number(limit));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async pour(model) {
      for (;;) {
        const pour = pours.get(model);
        if (pour !== undefined) return pour;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
