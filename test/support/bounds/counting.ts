import { readMessages } from "../../../local/simulator/anthropic/request.ts";
import { readGenerate } from "../../../local/simulator/google/request.ts";
import { readChat } from "../../../local/simulator/openai/chat-request.ts";
import { readResponses } from "../../../local/simulator/openai/responses-request.ts";
import type { Question } from "../../../local/simulator/question.ts";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";

/** Media in base64 becomes no text; everything else that is sent may, byte by byte. */
const isMedia = (key: string, text: string): boolean =>
  /^data:[a-z]+\/[a-z0-9.+-]+;base64,/.test(text) || (key === "data" && /^[A-Za-z0-9+/]{16,}={0,2}$/.test(text));

/** One token for each byte of every text and name in a body: the worst that a byte-level vocabulary can do. */
export function worst(value: unknown, key = ""): number {
  if (typeof value === "string") return isMedia(key, value) ? 0 : Buffer.byteLength(value);
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + worst(one), 0);
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce((sum, [name, one]) => sum + Buffer.byteLength(name) + worst(one, name), 0);
}

/** What the simulator counts of a request that reaches it; null for one that it refuses. */
export function simulated(dialect: ChatDialectId, body: JsonObject): number | null {
  const readers: Record<ChatDialectId, () => Question> = {
    "openai-chat": () => readChat(body, true).question,
    "openai-responses": () => readResponses(body, null).question,
    "anthropic-messages": () => readMessages(body, "claude-haiku-5-5", "2023-06-01").question,
    "google-generate-content": () => readGenerate(body, "gemini-3.1-pro-preview").question,
  };
  try {
    return readers[dialect]().segments.reduce((sum, { tokens }) => sum + tokens, 0);
  } catch {
    return null;
  }
}
