import type { hc } from "hono/client";
import { createSignal } from "solid-js";
import type { AdminApi } from "../../worker/api/admin/api.ts";
import { calls } from "./calls.ts";
import { ApiFailure, failureOf } from "./failure.ts";

/** The management API, typed by its own routes. */
export const api = calls(["api"]) as ReturnType<typeof hc<AdminApi>>["api"];

const [hasEnded, setHasEnded] = createSignal(false);

/** True from when the gateway no longer knows who asks until `sessionBegins`. */
export { hasEnded };
export const sessionBegins = (): void => void setHasEnded(false);

/** What a call answers, as its JSON. */
type Body<R> = R extends { json(): Promise<infer T> } ? T : never;

/**
 * The body of an answer; `undefined` of one without (204). Whatever goes wrong on the way is an `ApiFailure`, thrown: it has
 * one shape for the page.
 */
export async function ask<R extends Response>(asked: Promise<R>): Promise<Body<R>> {
  const response = await asked.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiFailure({ kind: "gateway_away", message: "The gateway does not answer.", cause });
  });
  if (!response.ok) {
    const failure = await failureOf(response);
    // A wrong password ends nothing.
    if (failure.kind === "signed_out" && failure.code !== "invalid_credentials") setHasEnded(true);
    throw failure;
  }
  if (response.status === 204) return undefined as Body<R>;
  return (await response.json()) as Body<R>;
}

/**
 * The same with the answer's `ETag`, for what has its version nowhere else; null where there is none.
 */
export async function askWithTag<R extends Response>(
  asked: Promise<R>,
): Promise<{ body: Body<R>; tag: string | null }> {
  let tag: string | null = null;
  const body = await ask(
    asked.then((response) => {
      tag = response.headers.get("etag");
      return response;
    }),
  );
  return { body, tag };
}

/** Options of a call that changes what `askWithTag` has read. */
export const ifTag = (tag: string | null): { headers: Record<string, string> } => ({
  headers: tag === null ? {} : { "if-match": tag },
});

/** Options of a call that changes what has a version: refused with 412 when somebody else has changed it since. */
export const ifVersion = (version: number): { headers: Record<string, string> } => ({
  headers: { "if-match": `"${version}"` },
});
