import type { DialectId } from "../canonical/dialect-id.ts";
import { GatewayError } from "../errors.ts";
import type { Target } from "./resolve.ts";
import { OVERDUE } from "./within-idle.ts";

/** Headers of the client that every provider may see; its credential, cookies and proxy traces are not among them. */
const FORWARDED = ["accept", "content-type", "idempotency-key"];
const FORWARDED_PREFIX = "x-stainless-";

const AGENT = "GaiaRouter/0.1";

/** Builds the upstream request's headers from an allow-list: nothing else of the client reaches a provider. */
export function upstreamHeaders(client: Headers, target: Target): Headers {
  const headers = new Headers(target.provider.defaultHeaders);
  for (const name of [...FORWARDED, ...target.provider.forwardedHeaders]) {
    const value = client.get(name);
    if (value !== null) headers.set(name, value);
  }
  client.forEach((value, name) => {
    if (name.startsWith(FORWARDED_PREFIX)) headers.set(name, value);
  });
  const agent = client.get("user-agent");
  headers.set("user-agent", agent === null ? AGENT : `${agent} ${AGENT}`);
  if (!headers.has("content-type")) headers.set("content-type", "application/json");
  // The relay hands bytes through as they are, and reads usage out of them.
  headers.set("accept-encoding", "identity");
  for (const [name, value] of Object.entries(target.provider.authorize(target.connection.credential))) {
    headers.set(name, value);
  }
  return headers;
}

/** Headers of a translated request: nothing of the client's, whose dialect the provider does not speak. */
export function translatedHeaders(
  target: Target,
  encoded: { headers?: Record<string, string> },
  dialect: DialectId,
  anthropicVersion: string,
): Headers {
  const headers = new Headers({
    ...target.provider.defaultHeaders,
    ...(dialect === "anthropic-messages" ? { "anthropic-version": anthropicVersion } : {}),
    ...encoded.headers,
    ...target.provider.authorize(target.connection.credential),
  });
  headers.set("content-type", "application/json");
  headers.set("user-agent", AGENT);
  headers.set("accept-encoding", "identity");
  return headers;
}

export interface SendOptions {
  target: Target;
  /** Path and query below the base URL. */
  path: string;
  headers: Headers;
  body: Uint8Array | string;
  /** Aborts the call and, later, the body. */
  controller: AbortController;
  /** Milliseconds until the answer's headers must be here. */
  headersTimeout: number;
}

/**
 * Sends one attempt and waits for the answer's headers. Throws `upstream_timeout`, `upstream_unreachable`, or
 * `upstream_error` for a redirect, which could carry the credential elsewhere.
 */
export async function send(options: SendOptions): Promise<Response> {
  const { target, controller } = options;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    controller.abort();
  }, options.headersTimeout);
  try {
    const response = await fetch(target.connection.baseUrl + options.path, {
      method: "POST",
      headers: options.headers,
      body: options.body,
      redirect: "manual",
      signal: controller.signal,
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new GatewayError(
        "upstream_error",
        `${target.provider.id} answered with a redirect, which is not followed.`,
      );
    }
    return response;
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    if (controller.signal.reason === OVERDUE) throw OVERDUE;
    if (timedOut) {
      throw new GatewayError("upstream_timeout", `${target.provider.id} did not answer in time. Try again.`, {
        cause: error,
      });
    }
    throw new GatewayError("upstream_unreachable", `${target.provider.id} could not be reached. Try again.`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** Response headers of a provider that are worth a client's while; the rest is its own plumbing. */
const RETURNED = [
  "content-type",
  "retry-after",
  "retry-after-ms",
  "x-should-retry",
  "openai-processing-ms",
  "openai-version",
  "x-generation-id",
];

/** The provider's own id of the exchange, in whichever header it sends it. */
export const upstreamRequestId = (headers: Headers): string | null =>
  headers.get("x-request-id") ?? headers.get("request-id") ?? headers.get("x-generation-id");

/** The provider's headers that the client gets. */
export function returnedHeaders(upstream: Headers): Headers {
  const headers = new Headers();
  for (const name of RETURNED) {
    const value = upstream.get(name);
    if (value !== null) headers.set(name, value);
  }
  const id = upstreamRequestId(upstream);
  if (id !== null) headers.set("x-gaia-upstream-id", id);
  return headers;
}
