import { request as connect, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";

/** One request of an agent and how the gateway answered it. */
export interface Passage {
  method: string;
  path: string;
  request: string;
  /** Null where the gateway did not answer. */
  status: number | null;
  /** The gateway's id of it: its row's. */
  id: string | null;
  warnings: string | null;
  answer: string;
}

/** A door in front of the gateway that notes what goes through, and changes nothing. */
export interface Door {
  url: string;
  /** What has passed since the last call. */
  takePassages(): Passage[];
  close(): Promise<void>;
}

const header = (message: IncomingMessage, name: string): string | null => {
  const value = message.headers[name];
  return typeof value === "string" ? value : null;
};

const UNPACK: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  deflate: inflateSync,
  zstd: zstdDecompressSync,
};

/** A body as text, also one that broke off. */
function textOf(chunks: readonly Buffer[], encoding: string | null): string {
  const bytes = Buffer.concat(chunks);
  const unpack = UNPACK[encoding ?? ""];
  try {
    return (unpack === undefined ? bytes : unpack(bytes)).toString("utf8");
  } catch {
    return `${bytes.length} bytes of ${encoding}`;
  }
}

/** Opens a door to the gateway at `origin` on a free port. */
export async function openDoor(origin: string): Promise<Door> {
  const { hostname, port } = new URL(origin);
  let passages: Passage[] = [];

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method = "GET", url: path = "/", headers } = incoming;
    const passage: Passage = { method, path, request: "", status: null, id: null, warnings: null, answer: "" };
    passages.push(passage);
    const onward = connect({ hostname, port, method, path, headers }, (response) => {
      const { statusCode = 502 } = response;
      passage.status = statusCode;
      passage.id = header(response, "x-request-id");
      passage.warnings = header(response, "x-gaia-warnings");
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("close", () => {
        passage.answer = textOf(chunks, header(response, "content-encoding"));
      });
      outgoing.writeHead(statusCode, response.headers);
      response.pipe(outgoing);
    });
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    const sent: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => sent.push(chunk));
    incoming.on("end", () => {
      passage.request = textOf(sent, header(incoming, "content-encoding"));
    });
    incoming.pipe(onward);
  }

  const server = createServer(pass);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    takePassages() {
      const taken = passages;
      passages = [];
      return taken;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
