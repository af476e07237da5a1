import type { MessageCreateParamsBase as BetaMessages } from "@anthropic-ai/sdk/resources/beta/messages/messages";
import type { MessageCreateParamsBase as Messages } from "@anthropic-ai/sdk/resources/messages/messages";
import type { Content, GenerateContentConfig, GenerationConfig, SpeechConfig, Tool } from "@google/genai";
import type { ChatCompletionCreateParamsBase } from "openai/resources/chat/completions/completions";
import type { ResponseCreateParamsBase } from "openai/resources/responses/responses";

/** The requests as their vendors' SDKs type them; a test reads the members out of these. */

export type Chat = ChatCompletionCreateParamsBase;
export type Responses = ResponseCreateParamsBase;
export type Anthropic = Messages;
export type AnthropicBeta = BetaMessages;

/** The SDK's configuration is one object; on the wire part of it stands beside `generationConfig`. */
type Beside =
  | "safetySettings"
  | "toolConfig"
  | "labels"
  | "cachedContent"
  | "serviceTier"
  | "modelArmorConfig"
  | "continuationToken"
  | "generationOutputConfig"
  | "store"
  | "httpOptions"
  | "abortSignal"
  | "automaticFunctionCalling"
  | "automaticContinuation";
/** Where the SDK takes several forms, it writes this one. */
type Written = "systemInstruction" | "tools" | "speechConfig";
export type Gemini = Pick<GenerateContentConfig, Beside> & {
  contents: Content[];
  systemInstruction: Content;
  tools: Tool[];
  generationConfig: Omit<GenerateContentConfig, Beside | Written> & { speechConfig: SpeechConfig };
};
/** The same by the wire's own name, with members that only live sessions set. */
export type GeminiGenerationConfig = GenerationConfig;
