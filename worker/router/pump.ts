import type { PiledReader } from "./piled-reader.ts";
import type { Relayed, RelayOptions, StreamEnd } from "./relay.ts";
import { OVERDUE } from "./within-idle.ts";

/** What is done with a provider's bytes on their way to the client. */
export interface Passage {
  /** Takes what has piled up and gives what the client gets for it; the bytes may be its own. */
  piece(bytes: Uint8Array): Uint8Array;
  /** The body has ended: what is left to say. */
  end(): Uint8Array;
  /** The client has got nothing for a while: what it gets so that nobody on the way gives the connection up. */
  quiet?(): Uint8Array;
  /** Nothing more is wanted of the provider: the passage has told an end of its own. */
  done?(): boolean;
}

export type PumpOptions = Omit<RelayOptions, "meter" | "isTruncated">;

/** Milliseconds between two looks: sixteen a second read as a flow, and providers' chunks come far more often. */
const LOOK = 60;
/** A client is not left without a sign for longer: proxies give up a connection after a minute. */
const SILENCE = 15_000;
/** A read of this size means that more is waiting: a large answer is not to be slowed down. */
const FULL = 64 * 1024;

const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/**
 * Moves a body to the client through JavaScript: once a look, not once a chunk, what has piled up is changed and written
 * in one piece. `first` is what stands before it.
 */
export function pump(reader: PiledReader, options: PumpOptions, passage: Passage, first?: Uint8Array): Relayed {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  let end: StreamEnd | null = null;
  let begun = first !== undefined;

  let gone = false;
  const leave = () => {
    gone = true;
    end ??= "client_gone";
    options.onClientGone();
    writer.abort().catch(() => {});
  };
  // An abort does not reach a body that has begun.
  const letGo = () => {
    if (options.clientGone.aborted) end ??= "client_gone";
    if (options.upstreamAborted.reason === OVERDUE) end ??= "overdue";
    reader.cancel();
  };
  if (options.clientGone.aborted) leave();
  else options.clientGone.addEventListener("abort", leave, { once: true });
  if (options.upstreamAborted.aborted) letGo();
  else options.upstreamAborted.addEventListener("abort", letGo, { once: true });

  /** Without a client what is read is only metered. */
  const write = async (bytes: Uint8Array): Promise<void> => {
    if (bytes.byteLength === 0 || gone) return;
    try {
      await writer.write(bytes);
    } catch {
      gone = true;
      end ??= "client_gone";
      options.onClientGone();
    }
  };

  const loop = async (): Promise<void> => {
    if (first !== undefined) await write(first);
    let heard = Date.now();
    let said = heard;
    while (passage.done?.() !== true) {
      const now = Date.now();
      if (passage.quiet !== undefined && now - said >= SILENCE) {
        await write(passage.quiet());
        said = Date.now();
        continue;
      }
      const patience = Math.max(0, heard + options.idleTimeout - now);
      const wait = passage.quiet === undefined ? patience : Math.min(patience, said + SILENCE - now);
      const bytes = await reader.read(wait);
      if (bytes === "idle" && wait < patience) continue;
      if (bytes === "idle") {
        end ??= "idle";
        options.abortUpstream();
        await write(options.brokenMessage("idle"));
        return;
      }
      if (end === "overdue") {
        await write(options.brokenMessage(end));
        return;
      }
      if (bytes === null) {
        await write(passage.end());
        end ??= "finished";
        return;
      }
      if (!begun) options.onFirstByte();
      begun = true;
      const look = bytes.byteLength < FULL ? Promise.race([sleep(LOOK), reader.ended]) : null;
      const piece = passage.piece(bytes);
      const tells = piece.byteLength > 0;
      await write(piece);
      await look;
      // A client that takes its time is no silence of the provider's; what says nothing to it, as a comment, is one.
      heard = Date.now();
      if (tells) said = heard;
    }
    end ??= "finished";
    options.abortUpstream();
    reader.cancel();
  };

  const ended = (async (): Promise<StreamEnd> => {
    try {
      await loop();
      await writer.close();
    } catch {
      if (!options.clientGone.aborted && (end === null || end === "overdue")) {
        end ??= "broken";
        await writer
          .write(options.brokenMessage(end))
          .then(() => writer.close())
          .catch(() => {
            end = "client_gone";
          });
      }
    }
    options.clientGone.removeEventListener("abort", leave);
    return end ?? "finished";
  })();
  return { readable, ended };
}
