import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { PGlite } from "@electric-sql/pglite";

/**
 * A PostgreSQL server for a real client, where none is installed: PGlite behind a TCP port. Connections take turns by
 * transaction, since they share one session. No passwords.
 */
export async function startPostgresWire(): Promise<{ url: string; close(): Promise<void> }> {
  const pglite = await PGlite.create();
  const turns = new Turns();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    serve(pglite, turns, socket)
      .catch(() => socket.destroy())
      .finally(() => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `postgres://postgres:any@127.0.0.1:${(server.address() as AddressInfo).port}/postgres`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      await pglite.close();
    },
  };
}

class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Waits for its turn; whoever has it calls what this answers with. */
  async take(): Promise<() => void> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    return resolve;
  }
}

const SYNC = "S".charCodeAt(0);
const QUERY = "Q".charCodeAt(0);
const TERMINATE = "X".charCodeAt(0);
/** Status in ReadyForQuery, the last byte of every answer: no transaction is open. */
const IDLE = "I".charCodeAt(0);

/** AuthenticationOk and ReadyForQuery, idle. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, IDLE]);

/** Messages go to PGlite in groups that it answers with ReadyForQuery. */
async function serve(pglite: PGlite, turns: Turns, socket: Socket): Promise<void> {
  let release: (() => void) | null = null;
  let group: Buffer[] = [];
  try {
    for await (const message of readMessages(socket)) {
      if (message === "startup") {
        socket.write(WELCOME);
        continue;
      }
      if (message[0] === TERMINATE) break;
      group.push(message);
      if (message[0] !== SYNC && message[0] !== QUERY) continue;
      release ??= await turns.take();
      const answer = await pglite.execProtocolRaw(Buffer.concat(group));
      socket.write(answer);
      group = [];
      if (answer.at(-1) === IDLE) {
        release();
        release = null;
      }
    }
    socket.end();
  } finally {
    release?.();
  }
}

/** Every message is a type byte and a length that counts itself; the first has no type. */
async function* readMessages(socket: Socket): AsyncGenerator<Buffer | "startup"> {
  let buffer: Buffer = Buffer.alloc(0);
  let typeLength = 0;
  for await (const chunk of socket) {
    buffer = Buffer.concat([buffer, chunk]);
    while (buffer.length >= typeLength + 4) {
      const length = typeLength + buffer.readUInt32BE(typeLength);
      if (buffer.length < length) break;
      yield typeLength === 0 ? "startup" : buffer.subarray(0, length);
      typeLength = 1;
      buffer = buffer.subarray(length);
    }
  }
}
