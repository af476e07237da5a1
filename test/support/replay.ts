import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Exchange } from "./exchanges.ts";

/** What reached the upstream for one exchange. */
export interface Arrival {
  url: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

export interface Replay {
  url: string;
  /** The model name that calls for exchange `index`. */
  model(index: number): string;
  /** What arrived for it since the last time it was asked. */
  take(index: number): Arrival[];
  close(): Promise<void>;
}

/** Cuts bytes at places that a seed decides, some of them inside characters and line ends. */
function pieces(bytes: Uint8Array, seed: number): Uint8Array[] {
  const cut: Uint8Array[] = [];
  let state = seed * 2654435761 + 1;
  for (let at = 0; at < bytes.length; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const length = 1 + (state % Math.max(2, Math.ceil(bytes.length / 12)));
    cut.push(bytes.subarray(at, at + length));
    at += length;
  }
  return cut;
}

/** An upstream that answers with the exchanges' bytes; the model name says which (`<model>.replay.<index>`). */
export async function startReplay(exchanges: Exchange[], options: { cut: boolean }): Promise<Replay> {
  const arrivals = new Map<number, Arrival[]>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const named = /replay\.(\d+)/.exec(`${request.url} ${/"model"\s*:\s*"[^"]*"/g.exec(body.toString())?.[0] ?? ""}`);
    const fromPath = /replay\.(\d+):/.exec(request.url ?? "");
    const index = Number((fromPath ?? named ?? /replay\.(\d+)"/.exec(body.toString()))?.[1] ?? -1);
    const exchange = exchanges[index];
    if (exchange === undefined) {
      response.writeHead(404).end("no such exchange");
      return;
    }
    arrivals.set(index, [...(arrivals.get(index) ?? []), { url: request.url ?? "", headers: request.headers, body }]);
    response.writeHead(exchange.status, { "content-type": exchange.contentType, "x-request-id": `upstream-${index}` });
    for (const piece of options.cut ? pieces(exchange.response, index) : [exchange.response]) {
      response.write(piece);
      if (options.cut) await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    model: (index) => `${exchanges[index]?.model ?? "model"}.replay.${index}`,
    take(index) {
      const taken = arrivals.get(index) ?? [];
      arrivals.delete(index);
      return taken;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Bindings that point every provider of a gateway at the replay. */
export const replayBindings = (url: string): Record<string, string> => ({
  OPENAI_API_KEY: "provider-key",
  ANTHROPIC_API_KEY: "provider-key",
  GOOGLE_API_KEY: "provider-key",
  OPENROUTER_API_KEY: "provider-key",
  COMPATIBLE_API_KEY: "provider-key",
  OPENAI_BASE_URL: `${url}/v1`,
  ANTHROPIC_BASE_URL: url,
  GOOGLE_BASE_URL: url,
  OPENROUTER_BASE_URL: `${url}/api/v1`,
  COMPATIBLE_BASE_URL: `${url}/v1`,
});
