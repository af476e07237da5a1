import type { GatewayError } from "../../errors.ts";
import type { Planning } from "./plan.ts";
import type { Stage } from "./walk.ts";
import { warningsHeader } from "./warnings.ts";

/** What the headers that tell a request's story are made from. */
export type Story = Pick<Planning, "target"> & Pick<Stage, "exchange">;

/** Our own headers: who answered, under which name, after how many tries, and what was lost on the way. */
export function tellStory(headers: Headers, { target, exchange }: Story): void {
  headers.set(
    "x-gaia-provider",
    target.connection.simulated ? `${target.provider.id} (simulated)` : target.provider.id,
  );
  headers.set("x-gaia-model", target.upstreamModel);
  headers.set("x-gaia-attempts", String(exchange.attempts));
  const warnings = warningsHeader(exchange.losses);
  if (warnings !== null) headers.set("x-gaia-warnings", warnings);
  const ends = target.model?.deprecationDate;
  if (ends !== undefined) tellEnd(headers, ends);
}

/**
 * That the model will end, and when (RFC 9745, RFC 8594). Providers say when a model ends, not since when it is deprecated:
 * it is on that day at the latest. `x-gaia-warnings` does not name it: nothing of the request was lost.
 */
function tellEnd(headers: Headers, day: string): void {
  const end = new Date(`${day}T00:00:00Z`);
  headers.set("deprecation", `@${end.getTime() / 1000}`);
  headers.set("sunset", end.toUTCString());
}

/** The headers of an answer that is written here. */
export function storyHeaders(story: Story, contentType: string): Headers {
  const headers = new Headers({ "content-type": contentType });
  const id = story.exchange.upstreamRequestId;
  if (id !== null) headers.set("x-gaia-upstream-id", id);
  tellStory(headers, story);
  return headers;
}

/** A provider's failure with the headers that say who failed, and how; `upstreamStatus` is null where it did not answer. */
export function toldError(error: GatewayError, story: Story, upstreamStatus: number | null): GatewayError {
  const headers = storyHeaders(story, "application/json");
  if (upstreamStatus !== null) headers.set("x-gaia-upstream-status", String(upstreamStatus));
  headers.delete("content-type");
  return error.with(Object.fromEntries(headers));
}
