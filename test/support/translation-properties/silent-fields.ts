import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { Planned } from "./plan.ts";
import type { Mutation } from "./shape.ts";

/** Fields that are left out without a word, and why nobody misses them. Everything else arrives or is named. */
export interface SilentField {
  /** Matches the field's path, with `[]` and variants. */
  field: RegExp;
  /** Only these values are; others arrive or are named. */
  values?: unknown[];
  /** Only on the way to these. */
  to?: ChatDialectId[];
  /** Only for models that the catalogue says do not reason. */
  withoutReasoning?: boolean;
  why: string;
}

const OPENAI: ChatDialectId[] = ["openai-chat", "openai-responses"];
const GEMINI: ChatDialectId[] = ["google-generate-content"];

/** Of every dialect. DIALECTS §2.13: cache marks to Gem; §2.10: to OpenAI models that cache every prefix by themselves. */
const MARKS: SilentField = {
  field: /(?:cache_control|prompt_cache_breakpoint)(?:\.ttl)?$/,
  to: [...OPENAI, ...GEMINI],
  why: "OpenAI and Google cache every prefix by themselves; where OpenAI takes marks on content they arrive",
};

/** A model that does not reason has nothing to switch off, to weigh or to show. */
const NOTHING_TO_REASON = (field: RegExp, values?: unknown[]): SilentField => ({
  field,
  ...(values === undefined ? {} : { values }),
  withoutReasoning: true,
  why: "a model that does not reason does so already",
});

const ANTHROPIC: ChatDialectId[] = ["anthropic-messages"];

/** DIALECTS §2.13. */
const OBFUSCATION: SilentField = {
  field: /^stream_options\.include_obfuscation$/,
  why: "§2.13: streams that the gateway writes hold no padding",
};
const verbosity = (field: RegExp): SilentField => ({
  field,
  values: ["medium"],
  to: [...ANTHROPIC, ...GEMINI],
  why: "§2.13: medium is what models do by themselves",
});
const user = (field: RegExp): SilentField => ({
  field,
  to: GEMINI,
  why: "§2.13: Google has no place for the end user, and the gateway's own record names it",
});

const CACHE_KEY: SilentField = {
  field: /^prompt_cache_key$/,
  to: [...ANTHROPIC, ...GEMINI],
  why: "§2.10: a hint on which of OpenAI's machines holds the prompt; other vendors find it by themselves",
};
const SCHEMA_NAME = (field: RegExp): SilentField => ({
  field,
  to: [...ANTHROPIC, ...GEMINI],
  why: "§2.8: a schema has no name there, and no model is shown it",
});
const ALWAYS_STRICT = (field: RegExp): SilentField => ({
  field,
  to: [...ANTHROPIC, ...GEMINI],
  why: "Claude and Gemini keep to every schema they are given, so that more than was asked for is promised",
});
const PLAIN_TEXT = (field: RegExp): SilentField => ({
  field,
  values: [{ type: "text" }],
  why: "free text without a grammar is what the function that stands for the tool takes",
});
const RESULT_NAME = (field: RegExp): SilentField => ({
  field,
  why: "a result is told by its call, which has the tool's name",
});
const SHOWN_ANYWAY = (field: RegExp, values?: unknown[]): SilentField => ({
  field,
  ...(values === undefined ? {} : { values }),
  to: ["openai-chat"],
  why: "OpenRouter and other hosts show in Chat what reasoning there is; that OpenAI shows none is named",
});
const HIDDEN_ANYWAY = (field: RegExp, values: unknown[]): SilentField => ({
  field,
  values,
  to: [...OPENAI, ...GEMINI],
  why: "OpenAI and Google show reasoning only where it is asked for, and it is not",
});
const NOT_MADE_TO_THINK = (field: RegExp, values: unknown[]): SilentField => ({
  field,
  values,
  to: ANTHROPIC,
  why: "a model that thinks only when told so has nothing to show, and is not made to think for that",
});

export const SILENT: Record<ChatDialectId, SilentField[]> = {
  "openai-chat": [
    MARKS,
    OBFUSCATION,
    verbosity(/^verbosity$/),
    user(/^(?:user|safety_identifier)$/),
    CACHE_KEY,
    SCHEMA_NAME(/^response_format\(json_schema\)\.json_schema\.name$/),
    ALWAYS_STRICT(/^response_format\(json_schema\)\.json_schema\.strict$/),
    PLAIN_TEXT(/^tools\[custom\]\.custom\.format$/),
    RESULT_NAME(/^messages\[(?:tool|function)\]\.name$/),
    NOTHING_TO_REASON(/^(?:reasoning_effort|reasoning\.effort)$/, ["none"]),
    NOTHING_TO_REASON(/^reasoning\.(?:enabled|exclude|summary)$/, [false, true, "auto", "detailed"]),
    HIDDEN_ANYWAY(/^reasoning\.exclude$/, [true]),
    NOT_MADE_TO_THINK(/^reasoning\.(?:exclude|summary)$/, [true, "auto"]),
    {
      field: /^messages\[calling\]\.tool_calls\[function\]\.index$/,
      why: "the place in the list, from a stream's delta",
    },
    {
      field: /^stream_options\.include_usage$/,
      why: "the gateway writes the stream and its usage; a provider is always asked for it",
    },
    { field: /^usage$/, why: "OpenRouter's older way to ask for usage, which has no effect there any more (§7)" },
  ],
  "openai-responses": [
    MARKS,
    OBFUSCATION,
    verbosity(/^text\.verbosity$/),
    user(/^(?:user|safety_identifier)$/),
    CACHE_KEY,
    SCHEMA_NAME(/^text\.format\(json_schema\)\.name$/),
    ALWAYS_STRICT(/^text\.format\(json_schema\)\.strict$/),
    PLAIN_TEXT(/^tools\[(?:custom|namespace\]\.tools\[custom)\]\.format$/),
    RESULT_NAME(/^input\[function_call_output\]\.name$/),
    NOTHING_TO_REASON(/^reasoning\.effort$/, ["none"]),
    NOTHING_TO_REASON(/^reasoning\.summary$/),
    SHOWN_ANYWAY(/^reasoning\.summary$/, ["auto"]),
    NOT_MADE_TO_THINK(/^reasoning\.summary$/, ["auto"]),
    { field: /^input\[message\]\.phase$/, why: "§2.13: only OpenAI tells comment from answer" },
    {
      field:
        /^input\[(?:message|function_call|custom_tool_call|function_call_output|custom_tool_call_output|reasoning)\]\.(?:id|status)$/,
      why: "OpenAI's own bookkeeping of earlier answers; calls and results are paired by `call_id`",
    },
    {
      field: /^input\[message\]\.content\[output_text\]\.logprobs$/,
      why: "probabilities of an earlier answer were told to its reader; no model reads them",
    },
    {
      field: /^include$/,
      values: [["reasoning.encrypted_content"]],
      why: "reasoning state comes back in any case",
    },
    { field: /^client_metadata$/, why: "Codex's notes to itself, which OpenAI takes and does not document" },
  ],
  "anthropic-messages": [
    MARKS,
    user(/^metadata\.user_id$/),
    NOTHING_TO_REASON(/^thinking$/, [{ type: "disabled" }]),
    NOTHING_TO_REASON(/^thinking\((?:enabled|adaptive)\)\.display$/),
    NOTHING_TO_REASON(/^output_config\.effort$/, ["none"]),
    SHOWN_ANYWAY(/^thinking\((?:enabled|adaptive)\)\.display$/, ["summarized"]),
    HIDDEN_ANYWAY(/^thinking\((?:enabled|adaptive)\)\.display$/, ["omitted"]),
    {
      field: /^messages\[(?:calling|assistant)\]\.content\[tool_use\]\.caller/,
      why: "who made a call that is answered; where that was code of Anthropic's, its block is named",
    },
    {
      field: /^thinking\((?:enabled|adaptive)\)\.block_binding/,
      why: "how Anthropic treats thoughts bound to another prefix; none of them goes to another vendor",
    },
    {
      field: /^tools\[.*\]\.eager_input_streaming$/,
      values: [true],
      why: "in a stream that the gateway writes arguments go on as they come",
    },
    { field: /^service_tier$/, values: ["auto"], to: GEMINI, why: "what there is by default" },
  ],
  "google-generate-content": [
    NOTHING_TO_REASON(/^generationConfig\.thinkingConfig\.(?:includeThoughts|thinkingBudget)$/),
    SHOWN_ANYWAY(/^generationConfig\.thinkingConfig\.includeThoughts$/, [true]),
    HIDDEN_ANYWAY(/^generationConfig\.thinkingConfig\.includeThoughts$/, [false]),
    NOT_MADE_TO_THINK(/^generationConfig\.thinkingConfig\.includeThoughts$/, [true, false]),
    {
      field: /^generationConfig\.thinkingConfig\.thinkingBudget$/,
      values: [-1],
      why: "§2.9: as the model likes, which is what it does when it is told nothing",
    },
    RESULT_NAME(/\.functionResponse\.name$/),
    { field: /\.partMetadata$/, why: "the client's notes to itself, which Google keeps from the model" },
    {
      field: /\.functionCall\.willContinue$/,
      why: "tells in a stream that more of the call follows; in the history the call is whole",
    },
    { field: /^systemInstruction\.role$/, why: "instructions have no role; Google takes any word for it" },
    { field: /^model$/, why: "the path names the model" },
  ],
};

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The row that lets the field go without a word. */
export function silentRow(
  { pattern, sample }: Mutation,
  client: ChatDialectId,
  upstream: ChatDialectId,
  { target }: Planned,
): SilentField | undefined {
  return SILENT[client].find(
    ({ field, values, to, withoutReasoning }) =>
      field.test(pattern) &&
      (values === undefined || values.some((value) => same(value, sample))) &&
      (to === undefined || to.includes(upstream)) &&
      (withoutReasoning !== true || target.model?.capabilities?.reasoning === "none"),
  );
}
