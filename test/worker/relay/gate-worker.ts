/**
 * A Worker of one purpose: the production gate and relay over workerd's own `fetch`, streams and pipes. `POST /relay` takes a
 * `GateCall` and answers with what a client would get, its id in `x-id`; `GET /metered/{id}` tells what was metered of it.
 */
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { isUsageChunk } from "../../../worker/dialects/openai-chat/stream.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { StreamMeter } from "../../../worker/router/meter.ts";
import { type RelayOptions, relayStream } from "../../../worker/router/relay.ts";
import { relayEdited } from "../../../worker/router/relay-edited.ts";
import { openRelay } from "../../../worker/router/relay-gate.ts";

export interface GateCall {
  dialect: ChatDialectId;
  /** The provider's address. */
  url: string;
  /** Through `relayEdited`, which takes the usage chunk out. */
  edited: boolean;
}

export interface Metered {
  head: number;
  end: string;
  firstBytes: number;
  facts: unknown;
  characters: number;
}

const ended = new Map<string, Metered>();

interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

async function relay({ dialect, url, edited }: GateCall, signal: AbortSignal, context: Context): Promise<Response> {
  const id = crypto.randomUUID();
  const controller = new AbortController();
  const response = await fetch(url, { signal: controller.signal });
  const meter = new StreamMeter(chatDialects[dialect], response.headers.get("content-type"));
  const metered: Metered = { head: 0, end: "", firstBytes: 0, facts: null, characters: 0 };
  const shared = {
    idleTimeout: 10_000,
    abortUpstream: () => controller.abort(),
    upstreamAborted: controller.signal,
  };
  signal.addEventListener("abort", () => controller.abort());
  const { head, body } = await openRelay(response.body as ReadableStream<Uint8Array>, {
    ...shared,
    dialect: chatDialects[dialect],
    firstTokenTimeout: 10_000,
    onFirstByte: () => {},
  });
  metered.head = head.byteLength;
  const options: RelayOptions = {
    ...shared,
    meter,
    head,
    clientGone: signal,
    onClientGone: () => controller.abort(),
    isTruncated: () => false,
    brokenMessage: (end) => new TextEncoder().encode(end),
    onFirstByte: () => {
      metered.firstBytes++;
    },
  };
  const relayed = edited
    ? relayEdited(body, { ...options, mayRemove: (text) => text.includes('"usage"'), remove: isUsageChunk })
    : relayStream(body, options);
  const noted = relayed.ended.then((end) =>
    ended.set(id, { ...metered, end, facts: meter.facts, characters: meter.observedCharacters() }),
  );
  context.waitUntil(noted);
  return new Response(relayed.readable, { headers: { "x-id": id } });
}

// biome-ignore lint/style/noDefaultExport: what workerd calls
export default {
  async fetch(request: Request, _environment: unknown, context: Context): Promise<Response> {
    const [, what, id] = new URL(request.url).pathname.split("/");
    if (what === "metered") return Response.json(ended.get(id ?? "") ?? null);
    const call = (await request.json()) as GateCall;
    return relay(call, request.signal, context).catch((error: Error) =>
      Response.json({ error: error.message }, { status: 502 }),
    );
  },
};
