import { inputTotal, type Tokens } from "../question.ts";
import type { JsonObject } from "../values.ts";

/** USD per million tokens. */
interface Price {
  input: number;
  output: number;
}

/** What the simulated OpenRouter lists, with its prices. It answers to any other name as well, at the usual price. */
const MODELS: Record<string, Price> = {
  "openai/gpt-6.1-sol": { input: 2, output: 10 },
  "openai/gpt-4o-mini": { input: 0.15, output: 0.6 },
  "anthropic/claude-sonnet-5.5": { input: 3, output: 15 },
  "google/gemini-2.5-flash": { input: 0.3, output: 2.5 },
  "z-ai/glm-5": { input: 0.6, output: 2.2 },
};

const USUAL: Price = { input: 1, output: 4 };

/** Reading the cache costs a tenth of the input price, writing it a quarter more. */
const READ_FACTOR = 0.1;
const WRITE_FACTOR = 1.25;

const usd = (value: number): number => Number((value / 1e6).toFixed(10));

/** What OpenRouter would charge in USD, apart for prompt and completion. */
export function costOf(model: string, tokens: Tokens): { total: number; prompt: number; completion: number } {
  const price = MODELS[model] ?? USUAL;
  const prompt =
    price.input * (tokens.inputUncached + READ_FACTOR * tokens.cacheRead + WRITE_FACTOR * tokens.cacheWrite);
  const completion = price.output * tokens.output;
  return { total: usd(prompt + completion), prompt: usd(prompt), completion: usd(completion) };
}

/** The usage object of OpenRouter's Chat: OpenAI's totals, with the cost. */
export function chatUsage(model: string, tokens: Tokens): JsonObject {
  const cost = costOf(model, tokens);
  const input = inputTotal(tokens);
  return {
    prompt_tokens: input,
    completion_tokens: tokens.output,
    total_tokens: input + tokens.output,
    cost: cost.total,
    is_byok: false,
    prompt_tokens_details: {
      cached_tokens: tokens.cacheRead,
      cache_write_tokens: tokens.cacheWrite,
      audio_tokens: 0,
      video_tokens: 0,
    },
    cost_details: {
      upstream_inference_cost: cost.total,
      upstream_inference_prompt_cost: cost.prompt,
      upstream_inference_completions_cost: cost.completion,
    },
    completion_tokens_details: { reasoning_tokens: tokens.reasoning, image_tokens: 0, audio_tokens: 0 },
  };
}

const perToken = (usdPerMillion: number): string => (usdPerMillion / 1e6).toFixed(10).replace(/0+$/, "");

/** The list of models. */
export const listModels = (): JsonObject => ({
  data: Object.entries(MODELS).map(([id, price]) => ({
    id,
    canonical_slug: id,
    name: id,
    created: 1_790_000_000,
    description: `${id}, simulated`,
    context_length: 1_000_000,
    architecture: {
      modality: "text+image->text",
      input_modalities: ["text", "image"],
      output_modalities: ["text"],
      tokenizer: "Other",
      instruct_type: null,
    },
    pricing: {
      prompt: perToken(price.input),
      completion: perToken(price.output),
      request: "0",
      image: "0",
      input_cache_read: perToken(price.input * READ_FACTOR),
      input_cache_write: perToken(price.input * WRITE_FACTOR),
    },
    top_provider: { context_length: 1_000_000, max_completion_tokens: 128_000, is_moderated: false },
    per_request_limits: null,
    supported_parameters: [
      "max_tokens",
      "reasoning",
      "response_format",
      "seed",
      "stop",
      "structured_outputs",
      "temperature",
      "tool_choice",
      "tools",
      "top_p",
    ],
  })),
});
