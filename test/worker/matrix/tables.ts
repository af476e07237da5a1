/**
 * The matrix: every official SDK at every provider with everything one does with a model. What cannot be, and what is not
 * quite the same, stands in LIMITS with its reason; every other cell has to work without a warning.
 */

/** The four dialects of chat. */
export type DialectName = "openai-chat" | "openai-responses" | "anthropic-messages" | "google-generate-content";

export interface ClientRow {
  id: ClientId;
  title: string;
  dialect: DialectName;
}

export type ClientId =
  | "openai-chat"
  | "openai-responses"
  | "anthropic"
  | "google"
  | "ai-openai-chat"
  | "ai-openai-responses"
  | "ai-anthropic"
  | "ai-google";

export const CLIENTS: readonly ClientRow[] = [
  { id: "openai-chat", title: "`openai`, Chat Completions", dialect: "openai-chat" },
  { id: "openai-responses", title: "`openai`, Responses", dialect: "openai-responses" },
  { id: "anthropic", title: "`@anthropic-ai/sdk`, Messages", dialect: "anthropic-messages" },
  { id: "google", title: "`@google/genai`, generateContent", dialect: "google-generate-content" },
  { id: "ai-openai-chat", title: "`ai` with `@ai-sdk/openai`, chat models", dialect: "openai-chat" },
  { id: "ai-openai-responses", title: "`ai` with `@ai-sdk/openai`, Responses models", dialect: "openai-responses" },
  { id: "ai-anthropic", title: "`ai` with `@ai-sdk/anthropic`", dialect: "anthropic-messages" },
  { id: "ai-google", title: "`ai` with `@ai-sdk/google`", dialect: "google-generate-content" },
];

export type ColumnId = "openai" | "openai-responses" | "anthropic" | "google" | "openrouter" | "compatible";

export interface Column {
  id: ColumnId;
  title: string;
  provider: string;
  /** A model of the catalogue; with a directive its name is one that the catalogue does not know. */
  model: string;
  /** Where another model stands for thinking, and one that is told how many tokens to think with. */
  thinks?: string;
  budgeted?: string;
  /** The dialect in which the provider is asked, by that of the client. */
  upstream: (client: DialectName) => DialectName;
  /** Prompts are cached by marks only. */
  marked?: true;
}

export const COLUMNS: readonly Column[] = [
  {
    id: "openai",
    title: "openai",
    provider: "openai",
    model: "gpt-4.1",
    thinks: "gpt-5.5",
    upstream: (client) => (client === "openai-responses" ? client : "openai-chat"),
  },
  {
    id: "openai-responses",
    title: "openai, model of Responses only",
    provider: "openai",
    model: "gpt-5.3-codex",
    upstream: () => "openai-responses",
  },
  {
    id: "anthropic",
    title: "anthropic",
    provider: "anthropic",
    model: "claude-sonnet-5-5",
    budgeted: "claude-haiku-4-5",
    upstream: () => "anthropic-messages",
    marked: true,
  },
  {
    id: "google",
    title: "google",
    provider: "google",
    model: "gemini-3.6-flash",
    budgeted: "gemini-2.5-flash",
    upstream: () => "google-generate-content",
  },
  {
    id: "openrouter",
    title: "openrouter",
    provider: "openrouter",
    model: "anthropic/claude-sonnet-5.5",
    upstream: (client) => (client === "google-generate-content" ? "openai-chat" : client),
    marked: true,
  },
  {
    id: "compatible",
    title: "compatible",
    provider: "compatible",
    model: "llama-4-maverick",
    upstream: () => "openai-chat",
  },
];

export const SCENARIOS = {
  text: "Text",
  system: "System prompt",
  "multi-turn": "Several turns",
  "tool-loop": "Tool loop",
  "parallel-tools": "Parallel tools",
  "text-and-tools": "Text, then parallel tools",
  image: "Image",
  pdf: "PDF",
  "json-schema": "JSON Schema",
  thinking: "Thinking with a tool loop",
  newer: "The same, a model newer than the catalogue",
  redacted: "The same, thoughts sealed",
  budget: "The same, by a budget",
  switched: "The same, another provider's turn before",
  stored: "The same, the answer kept by the provider",
  stop: "Stop sequence",
  length: "Cut at a length",
  prefill: "Beginning of the answer given",
  refusal: "Refusal",
  filter: "Content filter",
  cache: "Usage with cache",
  "error-400": "Error 400",
  "error-401": "Error 401",
  "error-404": "Error 404",
  "error-429": "Error 429",
  "error-500": "Error 500",
  "error-529": "Error 529",
  broken: "Error in the middle",
  abort: "Abort",
} as const;

export type ScenarioId = keyof typeof SCENARIOS;

/** What the answer, or the provider, does not get. */
export type Lack = "state" | "thought" | "cache" | "error" | "close";

export interface Limit {
  clients?: readonly ClientId[];
  columns?: readonly ColumnId[];
  scenarios: readonly ScenarioId[];
  stream?: boolean;
  /** Nobody can ask for it with this SDK, or the row is not about this column: no cell. */
  absent?: true;
  /** The gateway's 400. */
  refuses?: string;
  /** The provider's own 400, handed on. */
  providerRefuses?: true;
  warns?: readonly string[];
  lacks?: readonly Lack[];
  why: string;
}

const CHATS = ["openai-chat", "ai-openai-chat"] as const;
const RESPONSES = ["openai-responses", "ai-openai-responses"] as const;
const MESSAGES = ["anthropic", "ai-anthropic"] as const;
const GEMINIS = ["google", "ai-google"] as const;
const THINKING = ["thinking", "newer", "redacted", "budget"] as const;

/** What ends with words. */
const ANSWERED = [
  "text",
  "system",
  "multi-turn",
  "tool-loop",
  "parallel-tools",
  "text-and-tools",
  "image",
  "pdf",
  "json-schema",
  "thinking",
  "newer",
  "budget",
  "stop",
  "length",
  "filter",
  "cache",
] as const;

const HIDES = "OpenAI shows no reasoning in Chat, and takes none back.";

const KEEPS_NONE =
  "The AI SDK's chat models show no reasoning and send none back; for a call that lacks its signature Google names a word.";

export const LIMITS: readonly Limit[] = [
  {
    clients: RESPONSES,
    scenarios: ["stop"],
    absent: true,
    why: "Responses has no stop sequences.",
  },
  {
    clients: [...CHATS, ...RESPONSES, ...GEMINIS],
    scenarios: ["prefill"],
    absent: true,
    why: "Only Messages lets the client begin the answer.",
  },
  {
    columns: ["openai", "openai-responses", "openrouter", "compatible"],
    scenarios: ["budget"],
    absent: true,
    why: "These models are told an effort, not a budget.",
  },
  {
    columns: ["openai", "openai-responses", "google", "compatible"],
    scenarios: ["redacted"],
    absent: true,
    why: "Only Claude seals thoughts whole.",
  },
  {
    columns: ["google"],
    scenarios: ["refusal"],
    absent: true,
    why: "Gemini has no refusal beside its filter.",
  },
  {
    clients: [...CHATS, ...MESSAGES, ...GEMINIS],
    scenarios: ["stored"],
    absent: true,
    why: "Only Responses goes on from an answer that the provider has kept.",
  },
  {
    clients: RESPONSES,
    columns: ["anthropic", "google", "openrouter", "compatible"],
    scenarios: ["stored"],
    refuses: "state_unsupported",
    why: "These providers keep no answers: send `store: false` and the whole conversation. The AI SDK refers to kept ones unless it is told so.",
  },
  {
    columns: ["openai-responses"],
    scenarios: ["stop"],
    refuses: "stop_unsupported",
    why: "Responses has no stop sequences, and an answer that runs past one is not what was asked for.",
  },
  {
    clients: MESSAGES,
    columns: ["openai", "openai-responses", "google", "compatible"],
    scenarios: ["prefill"],
    refuses: "prefill_unsupported",
    why: "No other dialect lets the client begin the answer, and a program that does would not understand another.",
  },
  {
    clients: MESSAGES,
    columns: ["openrouter"],
    scenarios: ["prefill"],
    providerRefuses: true,
    why: "Claude models since 4.6 take no beginning of an answer.",
  },
  {
    clients: ["openai-chat", ...RESPONSES, ...MESSAGES, ...GEMINIS],
    scenarios: ["switched"],
    warns: ["reasoning_state_dropped"],
    why: "A vendor's reasoning state is of use to itself only; the conversation goes on without it.",
  },
  {
    clients: ["openai-chat", ...RESPONSES, ...MESSAGES],
    columns: ["google"],
    scenarios: ["switched"],
    warns: ["signature_sentinel_used"],
    why: "Gemini wants a signature on each call; one of another vendor's call does not exist, and Google names a word for it.",
  },
  {
    clients: CHATS,
    columns: ["openai"],
    scenarios: THINKING,
    lacks: ["thought", "state"],
    why: HIDES,
  },
  {
    clients: [...MESSAGES, ...GEMINIS],
    columns: ["openai"],
    scenarios: THINKING,
    warns: ["reasoning_adjusted"],
    lacks: ["thought", "state"],
    why: HIDES,
  },
  {
    clients: [...MESSAGES, ...GEMINIS],
    columns: ["openai"],
    scenarios: ["switched"],
    warns: ["reasoning_adjusted"],
    why: HIDES,
  },
  {
    clients: MESSAGES,
    columns: ["google"],
    scenarios: [...ANSWERED, "abort"],
    stream: true,
    warns: ["reasoning_state_dropped"],
    why: "Gemini signs its last text when all of it has been said; in a stream of Messages nothing can follow that. Google does not ask for it back.",
  },
  {
    clients: [...CHATS, ...RESPONSES, "ai-anthropic"],
    columns: ["google"],
    scenarios: ["pdf"],
    warns: ["param_dropped"],
    why: "Gemini is given a document without its name.",
  },
  {
    clients: ["ai-openai-chat"],
    scenarios: THINKING,
    lacks: ["thought", "state"],
    why: KEEPS_NONE,
  },
  {
    clients: ["ai-openai-chat"],
    columns: ["google"],
    scenarios: ["tool-loop", "parallel-tools", "text-and-tools", "thinking", "newer", "switched"],
    warns: ["signature_sentinel_used"],
    why: KEEPS_NONE,
  },
  {
    clients: ["ai-openai-chat"],
    columns: ["anthropic"],
    scenarios: ["budget"],
    warns: ["reasoning_adjusted"],
    why: "The AI SDK's chat models send no reasoning back, and Claude thinks by a budget only where it gets its own back: the second turn goes without.",
  },
  {
    clients: ["ai-openai-chat"],
    columns: ["openrouter"],
    scenarios: ["broken"],
    stream: true,
    lacks: ["error"],
    why: "OpenRouter tells the error beside `choices`, where the AI SDK does not see it; a relay hands it on as it is.",
  },
  {
    columns: ["compatible"],
    scenarios: THINKING,
    lacks: ["state"],
    why: "Such hosts seal nothing: earlier thoughts go back as text.",
  },
  {
    scenarios: ["abort"],
    stream: false,
    lacks: ["close"],
    why: "Before an answer begins nothing shows in plain workerd that the client has left: it comes to its end, and is billed.",
  },
  {
    clients: GEMINIS,
    columns: ["anthropic"],
    scenarios: ["cache"],
    lacks: ["cache"],
    why: "Gemini has no cache marks, and Claude caches nothing without one.",
  },
];

/** Everything that was declared for a cell. */
export function limitsOf(client: ClientId, column: ColumnId, scenario: ScenarioId, stream: boolean): readonly Limit[] {
  return LIMITS.filter(
    (limit) =>
      limit.scenarios.includes(scenario) &&
      (limit.clients?.includes(client) ?? true) &&
      (limit.columns?.includes(column) ?? true) &&
      (limit.stream ?? stream) === stream,
  );
}
