import type { AppContext } from "../context.ts";
import type { Exchange } from "./exchange.ts";

/** What a planned request is sent with. */
export interface Stage {
  c: AppContext;
  exchange: Exchange;
  /** Aborts what goes on upstream. */
  controller: AbortController;
  /** Another attempt may follow if this one fails before it has begun to answer. */
  gated: boolean;
  /** The client was seen to have left; `client-gone.ts`. */
  onClientGone(): void;
}

/** Makes the client's answer of what has come; called only once the Ledger has said yes. */
export type Finish = () => Response | Promise<Response>;

/** A planned request: how it is sent, and how it is answered. */
export interface Walk {
  /** Something of the client's choosing is fetched on the way, which no key may cause before it is admitted. */
  admitFirst: boolean;
  /** Sends, and waits until it is known what kind of answer it is. */
  send(stage: Stage): Promise<Finish>;
}
