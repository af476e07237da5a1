import { type ClientRequest, request } from "node:http";

/** A request as it stands on the wire, where `fetch` would tidy it up or refuse it. */
export interface Wire {
  method: string;
  /** Sent as it is: dots, doubled slashes and escapes included. */
  path: string;
  /** Names and values in turn; a name may come twice. */
  headers: string[];
  /** An iterable is sent in chunks, without a declared length. */
  body?: string | Uint8Array | Iterable<Uint8Array>;
  /** Only the head is sent, with this length declared. */
  declared?: number;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** Sends until the answer comes: a server may well answer before it has read everything. */
async function upload(outgoing: ClientRequest, chunks: Iterable<Uint8Array>): Promise<void> {
  let answered = false;
  outgoing.once("response", () => {
    answered = true;
  });
  outgoing.once("error", () => {
    answered = true;
  });
  for (const chunk of chunks) {
    if (answered) return;
    if (!outgoing.write(chunk)) {
      await new Promise<void>((resolve) => {
        const go = () => resolve();
        outgoing.once("drain", go).once("response", go).once("error", go).once("close", go);
      });
    }
  }
  outgoing.end();
}

/** Sends `wire` and reads the whole answer. */
export function send(url: string, wire: Wire): Promise<Answer> {
  const { method, path, headers, body, declared } = wire;
  const { host, hostname, port } = new URL(url);
  const length =
    declared ?? (typeof body === "string" || body instanceof Uint8Array ? Buffer.byteLength(body) : undefined);
  const framing = body === undefined && declared === undefined ? [] : ["content-length", String(length)];
  const chunked = length === undefined && body !== undefined;
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: hostname,
      port,
      method,
      path,
      agent: false,
      maxHeaderSize: 65_536,
      headers: ["host", host, ...headers, ...(chunked ? ["transfer-encoding", "chunked"] : framing)] as never,
    });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(pieces).toString(),
        });
        outgoing.destroy();
      });
    });
    if (declared !== undefined) outgoing.flushHeaders();
    else if (typeof body === "string" || body instanceof Uint8Array) outgoing.end(body);
    else if (body === undefined) outgoing.end();
    else upload(outgoing, body).catch(reject);
  });
}
