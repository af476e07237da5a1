import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Sent } from "./upstreams.ts";

/** Stands between the gateway and the simulated providers, and keeps what passes. */
export interface RecordingProxy {
  url: string;
  /** The simulator's address. */
  target: string;
  sent: Sent[];
  close(): Promise<void>;
}

export async function startRecordingProxy(): Promise<RecordingProxy> {
  const sent: Sent[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString();
    const headers = Object.entries(request.headers).filter(([name]) => name !== "host" && name !== "content-length");
    const answer = await fetch(proxy.target + request.url, {
      method: request.method ?? "POST",
      headers: headers.map(([name, value]): [string, string] => [name, String(value)]),
      ...(text === "" ? {} : { body: text }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const [, provider = ""] = (request.url ?? "").split("/", 2);
    const path = (request.url ?? "").slice(provider.length + 1);
    sent.push({ provider, path, text, status: answer.status, reply: bytes.toString() });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: RecordingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target: "",
    sent,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return proxy;
}
