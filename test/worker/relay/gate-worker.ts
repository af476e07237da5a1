/**
 * A Worker of one purpose: the production gate, relay and hold over workerd's own `fetch`, streams and pipes. `POST /relay`
 * takes a `GateCall` and answers with what a client would get; `GET /metered/{id}` tells what was metered of it.
 */

import { heldIn } from "../../../worker/api/inference/held-in.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { isUsageChunk } from "../../../worker/dialects/openai-chat/stream.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { heldOpen } from "../../../worker/router/held-open.ts";
import { StreamMeter } from "../../../worker/router/meter.ts";
import { type RelayOptions, relayStream } from "../../../worker/router/relay.ts";
import { relayEdited } from "../../../worker/router/relay-edited.ts";
import { openRelay } from "../../../worker/router/relay-gate.ts";

export interface GateCall {
  id: string;
  dialect: ChatDialectId;
  /** The provider's address. */
  url: string;
  /** Through `relayEdited`, which takes the usage chunk out. */
  edited: boolean;
  /** The client is held open after so many milliseconds, with a sign of life as often. */
  hold?: number;
}

export interface Metered {
  head: number;
  end: string;
  firstBytes: number;
  facts: unknown;
  characters: number;
}

/** No time-out strikes in a test: what ends, ends for another reason. */
const LONG = 600_000;

const ended = new Map<string, Metered>();

interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

async function relay(
  { id, dialect, url, edited }: GateCall,
  controller: AbortController,
  signal: AbortSignal,
  context: Context,
): Promise<Response> {
  const response = await fetch(url, { signal: controller.signal });
  const meter = new StreamMeter(chatDialects[dialect], response.headers.get("content-type"));
  const metered: Metered = { head: 0, end: "", firstBytes: 0, facts: null, characters: 0 };
  const shared = {
    idleTimeout: LONG,
    abortUpstream: () => controller.abort(),
    upstreamAborted: controller.signal,
  };
  const { head, body } = await openRelay(response.body as ReadableStream<Uint8Array>, {
    ...shared,
    dialect: chatDialects[dialect],
    firstTokenTimeout: LONG,
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
  return new Response(relayed.readable);
}

/** Named by the configuration that it is bundled with, and not used here. */
export class Ledger {}
export class LedgerShard {}

// biome-ignore lint/style/noDefaultExport: what workerd calls
export default {
  async fetch(request: Request, _environment: unknown, context: Context): Promise<Response> {
    const [, what, id] = new URL(request.url).pathname.split("/");
    if (what === "metered") return Response.json(ended.get(id ?? "") ?? null);
    const call = (await request.json()) as GateCall;
    const controller = new AbortController();
    const letGo = () => controller.abort();
    if (call.hold === undefined) request.signal.addEventListener("abort", letGo);
    const answer = relay(call, controller, request.signal, context).catch((error: Error) =>
      Response.json({ error: error.message }, { status: 502 }),
    );
    // A request that nothing keeps alive would let its provider go by itself.
    context.waitUntil(answer);
    if (call.hold === undefined) return answer;
    return heldOpen(answer, {
      ...heldIn(chatDialects[call.dialect], "sse", "request", () => {}),
      ...{ after: call.hold, every: call.hold, headers: new Headers() },
      ...{ clientGone: request.signal, onClientGone: letGo },
      waitUntil: (promise) => context.waitUntil(promise),
    });
  },
};
