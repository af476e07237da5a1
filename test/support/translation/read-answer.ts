import { answerTokens, type BilledTokens } from "../read-usage.ts";
import type { ProviderAnswer } from "./corpus.ts";
import { chat } from "./told/chat.ts";
import { gemini } from "./told/gemini.ts";
import { messages } from "./told/messages.ts";
import { responses } from "./told/responses.ts";
import { documentsOf, type ToldAnswer } from "./told/told-answer.ts";

const READERS = {
  "openai-chat": chat,
  "openai-responses": responses,
  "anthropic-messages": messages,
  "google-generate-content": gemini,
};

/** What the last figures say, be it more cache than prompt or more reasoning than output. */
function shownOf(answer: ProviderAnswer, billed: BilledTokens | null): ToldAnswer["shown"] {
  const documents = documentsOf(answer).map(({ document }) => document);
  const cache = documents
    .map((document) => document?.usage?.prompt_tokens_details ?? document?.usageMetadata)
    .findLast((one) => one !== undefined);
  const {
    completion_tokens: output,
    total_tokens: total,
    prompt_tokens: input,
  } = documents.map((document) => document?.usage).findLast((one) => one?.completion_tokens !== undefined) ?? {};
  const beside = output !== undefined && output < (billed?.reasoning ?? 0) && total !== input + billed?.output;
  return {
    read: cache?.cached_tokens ?? cache?.cachedContentTokenCount ?? billed?.cache_read ?? 0,
    write: cache?.cache_write_tokens ?? billed?.cache_write ?? 0,
    output: beside ? output : (billed?.output ?? 0),
  };
}

/**
 * What a provider's answer of status 200 says, read by the vendors' documentation and by nothing of the gateway's, so that a
 * decoder can be held against it.
 */
export function readAnswer(answer: ProviderAnswer): ToldAnswer {
  const { dialect, status, bytes } = answer;
  const read = READERS[dialect](answer);
  if (read.failure !== null) return { ...read, usage: null, shown: { read: 0, write: 0, output: 0 } };
  const usage = answerTokens({ dialect, status, operation: "generate", response: bytes });
  return { ...read, usage, shown: shownOf(answer, usage) };
}
