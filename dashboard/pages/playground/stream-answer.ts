import { createParser } from "eventsource-parser";
import { ApiFailure, failureOf } from "../../api/failure.ts";
import { MOST_IMAGES, shownImage } from "./images.ts";
import { forgetPlayToken, playToken } from "./play-token.ts";
import type { Answer } from "./thread.ts";

/** Letters of an answer above which it is cut, and its request stopped. */
const LONGEST_ANSWER = 1_048_576;

/** What has come so far. It is one object that grows: whoever shows it looks as often as the screen does. */
export type Growing = Pick<
  Answer,
  | "text"
  | "reasoning"
  | "calls"
  | "images"
  | "imagesLeft"
  | "requestId"
  | "provider"
  | "upstreamModel"
  | "attempts"
  | "warnings"
  | "firstMs"
  | "durationMs"
  | "outputTokens"
  | "inputTokens"
>;

export const nothingYet = (): Growing => ({
  ...{ text: "", reasoning: "", calls: [], requestId: null, provider: null, upstreamModel: null, attempts: 1 },
  ...{ warnings: [], firstMs: null, durationMs: null, outputTokens: null, inputTokens: null },
});

interface Chunk {
  error?: { message?: string; code?: string };
  choices?: {
    delta?: {
      content?: string | null;
      reasoning_content?: string | null;
      images?: { image_url?: { url?: string } }[];
      tool_calls?: { index?: number; function?: { name?: string; arguments?: string } }[];
    };
  }[];
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
}

function readHeaders({ headers }: Response, growing: Growing): void {
  growing.requestId = headers.get("x-request-id");
  growing.provider = headers.get("x-gaia-provider");
  growing.upstreamModel = headers.get("x-gaia-model");
  growing.attempts = Number(headers.get("x-gaia-attempts") ?? 1) || 1;
  growing.warnings = headers.get("x-gaia-warnings")?.split(/,\s*/).filter(Boolean) ?? [];
}

function readChunk({ choices, usage, error }: Chunk, growing: Growing, elapsed: () => number): void {
  if (error) {
    const message = error.message ?? "The answer broke off.";
    throw new ApiFailure({ kind: "other", message, code: error.code ?? null, requestId: growing.requestId });
  }
  if (usage) {
    growing.inputTokens = usage.prompt_tokens ?? null;
    growing.outputTokens = usage.completion_tokens ?? null;
  }
  const delta = choices?.[0]?.delta;
  if (!delta) return;
  const isFirst = delta.content || delta.reasoning_content || delta.tool_calls || delta.images;
  if (isFirst && growing.firstMs === null) growing.firstMs = elapsed();
  growing.text += delta.content ?? "";
  growing.reasoning += delta.reasoning_content ?? "";
  for (const { image_url } of delta.images ?? []) {
    const image = shownImage(image_url?.url);
    if (image !== null && (growing.images?.length ?? 0) < MOST_IMAGES)
      growing.images = [...(growing.images ?? []), image];
    else growing.imagesLeft = (growing.imagesLeft ?? 0) + 1;
  }
  for (const { index = 0, function: called } of delta.tool_calls ?? []) {
    const before = growing.calls[index] ?? { name: "", arguments: "" };
    growing.calls[index] = {
      name: before.name + (called?.name ?? ""),
      arguments: before.arguments + (called?.arguments ?? ""),
    };
  }
}

/**
 * Asks a model through the gateway's own data plane, as any client does, and fills `growing` as the answer comes. Resolves with
 * whether it was cut for its length. Throws an `ApiFailure`, or an `AbortError` when `signal` stopped it, which also ends the
 * call of the provider.
 */
export async function streamAnswer(
  growing: Growing,
  ask: { body: object; organization: string; session: string; signal: AbortSignal },
): Promise<"done" | "cut"> {
  const send = async () =>
    fetch("/v1/chat/completions", {
      method: "POST",
      headers: {
        authorization: `Bearer ${await playToken(ask.organization)}`,
        "content-type": "application/json",
        "x-gaia-session": ask.session,
        "x-gaia-agent": "playground",
      },
      body: JSON.stringify(ask.body),
      signal: ask.signal,
    }).catch((cause: unknown) => {
      if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
      throw new ApiFailure({ kind: "gateway_away", message: "The gateway does not answer.", cause });
    });
  let begun = performance.now();
  const elapsed = () => Math.round(performance.now() - begun);
  let response = await send();
  if (response.status === 401) {
    // The token ran out meanwhile, or its session was renewed: once more with a new one.
    forgetPlayToken();
    begun = performance.now();
    response = await send();
  }
  readHeaders(response, growing);
  if (!response.ok || !response.body) {
    growing.durationMs = elapsed();
    throw await failureOf(response);
  }
  // One stage, not a stream through others: each would be some promises a piece, of which there are hundreds a second.
  const pieces = response.body.getReader();
  const decoder = new TextDecoder();
  const events: string[] = [];
  const parser = createParser({ onEvent: ({ data }) => events.push(data) });
  try {
    for (let next = await pieces.read(); !next.done; next = await pieces.read()) {
      parser.feed(decoder.decode(next.value, { stream: true }));
      for (const data of events.splice(0)) {
        if (data === "[DONE]") return "done";
        readChunk(JSON.parse(data) as Chunk, growing, elapsed);
        if (growing.text.length + growing.reasoning.length > LONGEST_ANSWER) {
          growing.text = growing.text.slice(0, LONGEST_ANSWER);
          await pieces.cancel();
          return "cut";
        }
      }
    }
  } finally {
    growing.durationMs = elapsed();
  }
  return "done";
}
