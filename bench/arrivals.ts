import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A server before the provider that notes when the request with each mark has arrived. */
export interface Arrivals {
  url: string;
  /** When the first request with this mark came in, by `performance.now()` of this process; forgets it. */
  take(mark: string): number;
  close(): Promise<void>;
}

/** A mark stands somewhere in the body. */
const MARK = /mark-\d+/;

/** Starts the server; every request goes on to `upstream` once it has been noted. */
export async function startArrivals(upstream: string): Promise<Arrivals> {
  const noted = new Map<string, number>();
  const server = createServer((incoming, outgoing) => {
    const at = performance.now();
    const pieces: Buffer[] = [];
    incoming.on("data", (piece: Buffer) => pieces.push(piece));
    incoming.once("end", () => {
      const body = Buffer.concat(pieces);
      const mark = MARK.exec(body.toString())?.[0];
      if (mark !== undefined && !noted.has(mark)) noted.set(mark, at);
      const { method, headers } = incoming;
      const onward = request(upstream + incoming.url, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      onward.once("error", () => outgoing.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take(mark) {
      const at = noted.get(mark);
      if (at === undefined) throw new Error(`no request with ${mark} has arrived at the provider`);
      noted.delete(mark);
      return at;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
