import { GatewayError } from "../errors.ts";
import type { StreamMeter } from "./meter.ts";
import { OVERDUE, SILENT, withinIdle } from "./within-idle.ts";

/**
 * The same-dialect stream: the provider's bytes go to the client untouched, by the runtime's own pipe, while a second
 * branch is read now and then for usage. Per chunk no JavaScript runs, which is what makes it cheap; measurements and the
 * ways that were slower stand in docs/benchmarks.md.
 */

/** An end that was not the answer's, and what the client is told of it. */
export type EarlyEnd = "broken" | "idle" | "overdue";
export const ENDED_EARLY: Record<EarlyEnd, GatewayError> = {
  broken: new GatewayError("upstream_error", "The provider broke off its answer."),
  idle: SILENT,
  overdue: OVERDUE,
};

/** How a relayed stream ended. */
export type StreamEnd = "finished" | "client_gone" | EarlyEnd;

export interface RelayOptions {
  meter: StreamMeter;
  /** Fires when the client leaves. */
  clientGone: AbortSignal;
  /** Milliseconds without a byte from the provider after which it is given up. */
  idleTimeout: number;
  /** Aborts the upstream call. */
  abortUpstream(): void;
  /** Fires when the upstream call has been aborted, by whomever; for the reason `OVERDUE` when its time was over. */
  upstreamAborted: AbortSignal;
  /** The client was seen to have left. Whether the provider is let go then, or read on for its usage, the caller says. */
  onClientGone(): void;
  /** The body has ended and the answer in it has not: asked once all of it was metered. */
  isTruncated(): boolean;
  /** Bytes that tell the client, in its dialect, that the stream broke. */
  brokenMessage(end: EarlyEnd): Uint8Array;
  /** Called once, at the first body byte. */
  onFirstByte(): void;
  /** What of the body has been read already (`relay-gate.ts`): it goes before the rest. */
  head?: Uint8Array;
}

export interface Relayed {
  readable: ReadableStream<Uint8Array>;
  /** Resolves once the stream has ended and the meter has seen all it will see. Never rejects. */
  ended: Promise<StreamEnd>;
}

/** Between two looks at the metering branch; long enough that a stream of hundreds of chunks costs a dozen wakes. */
const POLL = 250;
const READ = 64 * 1024;
/** The metering branch may run ahead of a slow client by this much, not by the whole answer. */
const AHEAD = 1024 * 1024;

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Writes what stands before the pipe; where the client does not take it, the rest is let go as a failing pipe lets it go. */
async function writeHead(writable: WritableStream, head: Uint8Array, rest: ReadableStream<Uint8Array>): Promise<void> {
  const writer = writable.getWriter();
  try {
    await writer.write(head);
  } catch (error) {
    rest.cancel(error).catch(() => {});
    throw error;
  } finally {
    writer.releaseLock();
  }
}

/** Relays `body` by a native pipe, metering on the side. */
export function relayStream(body: ReadableStream<Uint8Array>, options: RelayOptions): Relayed {
  const [toClient, toMeter] = body.tee();
  const { readable, writable } = new IdentityTransformStream();
  const reader = toMeter.getReader({ mode: "byob" });
  let end: StreamEnd | null = null;
  let piped = false;

  const { head } = options;
  if (head !== undefined) {
    options.onFirstByte();
    options.meter.feed(head);
  }
  const before = head === undefined ? null : writeHead(writable, head, toClient);
  // Neither aborted nor closed: when the provider breaks off, the client is told so in its own dialect before its stream
  // closes; some SDKs take any close for the answer's end.
  const pipe = () => toClient.pipeTo(writable, { preventAbort: true, preventClose: true });
  const piping = (before === null ? pipe() : before.then(pipe)).then(
    () => {
      end ??= "finished";
      return true;
    },
    async () => {
      if (!options.clientGone.aborted) {
        const why = end === "idle" || end === "overdue" ? end : "broken";
        const writer = writable.getWriter();
        try {
          await writer.write(options.brokenMessage(why));
          await writer.close();
          end ??= "broken";
          return false;
        } catch {
          // The other side is gone too.
        }
      }
      end ??= "client_gone";
      options.onClientGone();
      return false;
    },
  );
  const pipeEnded = piping.finally(() => {
    piped = true;
  });

  const leave = () => {
    end ??= "client_gone";
    options.onClientGone();
  };
  // An abort does not reach a body that has begun: the metering branch would keep the connection open and pull it dry.
  const letGo = () => {
    if (options.clientGone.aborted) end ??= "client_gone";
    if (options.upstreamAborted.reason === OVERDUE) end ??= "overdue";
    reader.cancel().catch(() => {});
  };
  if (options.clientGone.aborted) leave();
  else options.clientGone.addEventListener("abort", leave, { once: true });
  if (options.upstreamAborted.aborted) letGo();
  else options.upstreamAborted.addEventListener("abort", letGo, { once: true });

  /** Closes the client's stream; one whose answer has no end, only after an error. */
  const close = async (metered: boolean) => {
    const writer = writable.getWriter();
    try {
      if (metered && options.isTruncated()) await writer.write(options.brokenMessage("broken"));
      await writer.close();
    } catch {
      // The client has left, and lost nothing but this.
    }
  };

  /** Resolves with whether the whole body was metered. */
  const metering = async (): Promise<boolean> => {
    let buffer = new Uint8Array(READ);
    let metered = head?.byteLength ?? 0;
    for (;;) {
      const result = await withinIdle(reader.read(buffer), options.idleTimeout);
      if (result === "idle") {
        end ??= "idle";
        options.abortUpstream();
        return false;
      }
      if (result.done || result.value === undefined) return true;
      if (metered === 0 && head === undefined) options.onFirstByte();
      metered += result.value.byteLength;
      options.meter.feed(result.value);
      buffer = new Uint8Array(result.value.buffer as ArrayBuffer);
      if (!piped) await (metered < AHEAD ? Promise.race([sleep(POLL), pipeEnded]) : pipeEnded);
    }
  };

  const ended = (async (): Promise<StreamEnd> => {
    const metered = await metering().catch(() => false);
    if (await pipeEnded) await close(metered);
    options.clientGone.removeEventListener("abort", leave);
    return end ?? "finished";
  })();
  return { readable, ended };
}
