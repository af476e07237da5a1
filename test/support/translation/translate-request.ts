import { readMessages } from "../../../local/simulator/anthropic/request.ts";
import { readProto } from "../../../local/simulator/google/proto-json.ts";
import { readGenerate } from "../../../local/simulator/google/request.ts";
import { readChat } from "../../../local/simulator/openai/chat-request.ts";
import { readResponses } from "../../../local/simulator/openai/responses-request.ts";
import { ResponseStore } from "../../../local/simulator/response-store.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import { reportRest } from "../../../worker/dialects/portability.ts";
import { GatewayError } from "../../../worker/errors.ts";
import type { ProviderSettings } from "../../../worker/providers/connection.ts";
import { inlineMedia, mediaToInline } from "../../../worker/router/inline-media.ts";
import { resolveTarget } from "../../../worker/router/resolve.ts";
import { targetModelOf } from "../../../worker/router/target-model.ts";
import type { ClientRequest } from "./corpus.ts";
import { dialectOf } from "./run-dialect.ts";

/** Takes a client's request to a provider of another dialect, as the gateway does before it sends. */

const SETTINGS: ProviderSettings = {
  credentials: {},
  namedCredentials: {},
  baseUrls: {},
  simulatorUrl: "http://simulator",
  anthropicVersion: "2023-06-01",
};

/** Models to be asked in each dialect: unknown ones, and what the catalogue has with and without reasoning, old and new. */
export const MODELS: Record<ChatDialectId, readonly string[]> = {
  "openai-chat": [
    "openai/unheard-of",
    "openai/gpt-6.1-sol",
    "openai/gpt-4.1",
    "openrouter/unheard/of",
    "compatible/unheard-of",
  ],
  "openai-responses": ["openai/unheard-of", "openai/gpt-6.1-sol", "openai/gpt-4.1"],
  "anthropic-messages": [
    "anthropic/unheard-of",
    "anthropic/claude-opus-5-5",
    "anthropic/claude-opus-5",
    "anthropic/claude-sonnet-4-5",
  ],
  "google-generate-content": ["google/unheard-of", "google/gemini-3.5-flash", "google/gemini-2.5-flash"],
};

export const targetOf = (name: string) => targetModelOf(resolveTarget(name, SETTINGS), SETTINGS);

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** What stands at every address: a picture, unless its name says otherwise. */
async function fetchMedia(url: string): Promise<Response> {
  if (/\.pdf|document/i.test(url)) return new Response("%PDF-1.4", { headers: { "content-type": "application/pdf" } });
  if (/\.(?:mp3|wav|m4a)/i.test(url)) return new Response("ID3", { headers: { "content-type": "audio/mp3" } });
  if (/\.txt|\.md/i.test(url)) return new Response("text", { headers: { "content-type": "text/plain" } });
  return new Response(Buffer.from(PNG, "base64"), { headers: { "content-type": "image/png" } });
}

/** What the provider would get, or the code of the refusal that the client gets instead. */
export type Translated = { body: Record<string, unknown>; refused: null } | { body: null; refused: GatewayError };

export async function translateRequest(
  { dialect, body, model, stream }: ClientRequest,
  upstream: ChatDialectId,
  target: string,
): Promise<Translated> {
  const losses = new Losses();
  try {
    dialectOf(dialect).readRequest(body, { operation: "generate", stream });
    const request = dialectOf(dialect).decodeRequest(structuredClone(body), { model, stream });
    reportRest(request, dialectOf(dialect).portability, losses);
    const told = targetOf(target);
    const found = mediaToInline(request, upstream, told.owner);
    await inlineMedia(found, { fetch: fetchMedia, signal: new AbortController().signal });
    const encoded = dialectOf(upstream).encodeRequest(request, told, losses);
    return { body: encoded.body, refused: null };
  } catch (error) {
    if (error instanceof GatewayError) return { body: null, refused: error };
    throw error;
  }
}

/** Refuses what the vendor refuses, by the simulator's own readers. */
export function readAsProvider(upstream: ChatDialectId, target: string, body: Record<string, unknown>): void {
  const model = target.slice(target.indexOf("/") + 1);
  switch (upstream) {
    case "openai-chat":
      // The compatible host and OpenRouter take more than OpenAI.
      readChat(body, !target.startsWith("openai/"));
      return;
    case "openai-responses":
      readResponses(body, new ResponseStore());
      return;
    case "anthropic-messages":
      readMessages(body, model, SETTINGS.anthropicVersion);
      return;
    case "google-generate-content":
      readGenerate(readProto(body) as Record<string, unknown>, model);
      return;
  }
}
