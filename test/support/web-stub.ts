import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** A server that stands for the web where a gateway fetches what its clients name. */
export interface WebStub {
  /** `host:port`. */
  address: string;
  /** Every address that was asked for, in order. */
  asked: string[];
  close(): Promise<void>;
}

/** `answer` is given the host and path that were asked for. */
export async function startWebStub(
  answer: (address: string, response: ServerResponse, request: IncomingMessage) => void,
): Promise<WebStub> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const address = `${request.headers.host}${request.url}`;
    asked.push(address);
    answer(address, response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return {
    address: `127.0.0.1:${bound.port}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
