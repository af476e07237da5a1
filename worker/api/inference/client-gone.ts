import type { Provider } from "../../providers/provider.ts";
import type { Services } from "../../services.ts";
import type { Exchange } from "./exchange.ts";

/** Milliseconds an answer is read on without its client: the platform ends a request thirty seconds after that. */
const LONGEST = 25_000;

export interface Leaving {
  services: Pick<Services, "drains" | "now">;
  provider: Provider;
  exchange: Exchange;
  /** Aborts the upstream call. */
  controller: AbortController;
  /** The request is for an answer: nothing else is worth reading on for. */
  generates: boolean;
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * What is to be done when the client of an admitted request leaves; calling it again does nothing. The provider is let go
 * and the request settled by what was seen, at once and in the listener: code behind an await may never run then. A provider
 * that bills the rest of an aborted answer all the same is read on for its usage, which settles the request at its end; if
 * nobody is left to do so, the hold expires and is charged.
 */
export function whenClientLeaves({
  services,
  provider,
  exchange,
  controller,
  generates,
  waitUntil,
}: Leaving): () => void {
  const letGo = () => {
    exchange.settle("client_gone", 499);
    controller.abort();
  };
  return () => {
    if (exchange.clientGone) return;
    exchange.clientGone = true;
    // The attempt is over, and what looks for another one settles.
    if (exchange.handingOver) return;
    if (exchange.isSettled || !exchange.sent || provider.abortStopsBilling || !generates) return letGo();
    const now = services.now();
    const ticket = services.drains.begin(now, now + LONGEST);
    if (ticket === null) return letGo();
    const timer = setTimeout(letGo, LONGEST);
    waitUntil(
      exchange.ended.then(() => {
        clearTimeout(timer);
        services.drains.end(ticket);
      }),
    );
  };
}
