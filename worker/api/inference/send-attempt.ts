import type { DialectId } from "../../canonical/dialect-id.ts";
import { GatewayError } from "../../errors.ts";
import { countHop } from "../../router/hops.ts";
import { type SendOptions, send } from "../../router/send.ts";
import type { Exchange } from "./exchange.ts";
import type { Planning } from "./plan.ts";

export interface AttemptOptions extends SendOptions {
  /** The wire format of what is sent. */
  dialect: DialectId;
}

/**
 * Sends one attempt, seen from outside: a span of its own, whose `traceparent` goes with it. An attempt that answers ends with
 * its request; throws what `send` throws.
 */
export async function sendAttempt(
  exchange: Pick<Exchange, "span" | "attemptSpan" | "upstreamStatus">,
  { call, facts, client }: Pick<Planning, "call" | "facts" | "client">,
  { dialect, ...options }: AttemptOptions,
): Promise<Response> {
  const { target, controller, headers } = options;
  const attempt = exchange.span.attempt({
    ...{ operation: call.operation, dialect, streamed: facts.stream },
    ...{ provider: target.provider.id, model: target.upstreamModel },
    ...{ simulated: target.connection.simulated, baseUrl: target.connection.baseUrl },
  });
  exchange.attemptSpan = attempt;
  exchange.upstreamStatus = null;
  countHop(headers, client, target);
  if (attempt.traceparent !== null) headers.set("traceparent", attempt.traceparent);
  try {
    const response = await send(options);
    exchange.upstreamStatus = response.status;
    attempt.responded(response.status);
    if (!response.ok) attempt.failed(String(response.status), response.status);
    return response;
  } catch (error) {
    attempt.failed(reasonOf(error, controller.signal), null);
    throw error;
  }
}

/** A call that was aborted before its time was up is not wanted any more. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  const code = error instanceof GatewayError ? error.code : "internal_error";
  return signal.aborted && code !== "upstream_timeout" ? "cancelled" : code;
}
