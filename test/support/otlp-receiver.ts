import { createServer, type IncomingHttpHeaders } from "node:http";

type AnyValue =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: string | number }
  | { doubleValue: number }
  | { arrayValue: { values: AnyValue[] } };

interface Attributed {
  attributes: { key: string; value: AnyValue }[];
}

interface OtlpSpan extends Attributed {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status: { code: number };
}

interface OtlpLog extends Attributed {
  traceId?: string;
  spanId?: string;
  severityNumber: number;
  eventName: string;
}

type Attributes = Record<string, string | number | boolean | unknown[]>;
export type ReceivedSpan = Omit<OtlpSpan, "attributes"> & { attributes: Attributes };
export type ReceivedLog = Omit<OtlpLog, "attributes"> & { attributes: Attributes };

/** One export, as it came. */
export interface Export {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A receiver of OTLP/HTTP in JSON. */
export interface OtlpReceiver {
  url: string;
  exports: Export[];
  /** Every span so far. */
  spans(): ReceivedSpan[];
  logs(): ReceivedLog[];
  /** What `find` gives, as soon as that is not undefined. Throws when it never comes. */
  until<T>(find: () => T | undefined): Promise<T>;
  /** Exports that have not been answered. */
  open(): number;
  close(): Promise<void>;
}

function plainValue(value: AnyValue): Attributes[string] {
  if ("arrayValue" in value) return value.arrayValue.values.map(plainValue);
  if ("intValue" in value) return Number(value.intValue);
  return Object.values(value)[0] as string | number | boolean;
}

const plain = <T extends Attributed>(one: T): Omit<T, "attributes"> & { attributes: Attributes } => ({
  ...one,
  attributes: Object.fromEntries(one.attributes.map(({ key, value }) => [key, plainValue(value)])),
});

/** Starts it on a loopback port. `answers` false: it takes every export and says nothing, ever. */
export async function startOtlpReceiver({ answers = true } = {}): Promise<OtlpReceiver> {
  const exports: Export[] = [];
  let open = 0;
  const server = createServer(async (request, response) => {
    open++;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    exports.push({ path: request.url ?? "", headers: request.headers, text: Buffer.concat(chunks).toString() });
    if (!answers) return;
    response.writeHead(200, { "content-type": "application/json" });
    response.end("{}", () => open--);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("no port");
  const at = (path: string) => exports.filter((one) => one.path === path).map(({ text }) => JSON.parse(text));
  return {
    url: `http://127.0.0.1:${bound.port}`,
    exports,
    spans: () =>
      at("/v1/traces")
        .flatMap(({ resourceSpans }) => resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }: { spans: OtlpSpan[] }) => spans.map(plain)),
    logs: () =>
      at("/v1/logs")
        .flatMap(({ resourceLogs }) => resourceLogs)
        .flatMap(({ scopeLogs }) => scopeLogs)
        .flatMap(({ logRecords }: { logRecords: OtlpLog[] }) => logRecords.map(plain)),
    async until(find) {
      for (let tries = 0; tries < 400; tries++) {
        const found = find();
        if (found !== undefined) return found;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`it never came; ${exports.length} exports did`);
    },
    open: () => open,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
