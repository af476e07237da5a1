import {
  already,
  as,
  convention,
  each,
  type Field,
  fixed,
  many,
  of,
  one,
  refusedAt,
  type Shape,
  whole,
} from "../shape.ts";
import {
  BREAKPOINT,
  CACHE_CONTROL,
  EFFORTS,
  FORCED,
  JSON_MODE,
  NAMED,
  PDF,
  PICTURE,
  SCHEMA,
  SOUND,
  STREAM,
} from "./samples.ts";

/** Chat Completions (`ChatCompletionCreateParamsBase`), OpenRouter's additions, and what hosts put into the history. */

/** OpenRouter takes Anthropic's mark in the same places. */
const cacheControl: Field = convention(CACHE_CONTROL);
const marks = { prompt_cache_breakpoint: BREAKPOINT, cache_control: cacheControl };

const text: Shape = {
  minimal: { type: "text", text: "a part" },
  fields: { type: fixed, text: of("a-part-to-find"), ...marks },
};
const refusal: Shape = {
  minimal: { type: "refusal", refusal: "no" },
  fields: { type: fixed, refusal: of("a-refusal-to-find") },
};
const image: Shape = {
  minimal: { type: "image_url", image_url: { url: PICTURE } },
  fields: {
    type: fixed,
    image_url: one({
      minimal: { url: PICTURE },
      fields: { url: of("https://example.com/dot.png"), detail: of("low", "high", "original") },
    }),
    ...marks,
  },
};
const audio: Shape = {
  minimal: { type: "input_audio", input_audio: { data: SOUND, format: "wav" } },
  fields: {
    type: fixed,
    input_audio: one({
      minimal: { data: SOUND, format: "wav" },
      fields: { data: of("UklGRiQAAABXQVZFZm10"), format: as(of("mp3"), "audio/mp3") },
    }),
    ...marks,
  },
};
const file: Shape = {
  minimal: { type: "file", file: { file_data: `data:application/pdf;base64,${PDF}` } },
  fields: {
    type: fixed,
    file: one({
      minimal: { file_data: `data:application/pdf;base64,${PDF}` },
      fields: {
        file_data: as(of(`data:application/pdf;base64,${PDF}AAAA`), `${PDF}AAAA`),
        filename: of("a-name-to-find.pdf"),
        // Beside the content it is the content that counts, and the id is named.
        file_id: of("file-to-find"),
      },
    }),
    ...marks,
  },
};
const video: Shape = {
  minimal: { type: "video_url", video_url: { url: "https://example.com/film.mp4" } },
  fields: {
    type: fixed,
    video_url: one({
      minimal: { url: "https://example.com/film.mp4" },
      fields: { url: of("https://example.com/other.mp4") },
    }),
  },
};

const call = {
  id: "call_1",
  type: "function",
  function: { name: "lookup", arguments: '{"place":"here"}' },
};
const result = { role: "tool", tool_call_id: "call_1", content: "found" };
const question = { role: "user", content: "a question" };

const functionCall: Shape = {
  minimal: call,
  within: { content: null },
  fields: {
    id: of("call_2"),
    type: fixed,
    function: one({
      minimal: call.function,
      fields: { name: of("other_tool"), arguments: as(of('{"place":"a-call-to-find"}'), "a-call-to-find") },
    }),
    index: convention(of(0)),
    extra_content: convention(whole({ google: { thought_signature: "not-an-envelope" } })),
  },
};
const customCall: Shape = {
  minimal: { id: "call_1", type: "custom", custom: { name: "lookup", input: "free text" } },
  fields: {
    id: of("call_2"),
    type: fixed,
    custom: one({
      minimal: { name: "lookup", input: "free text" },
      fields: { name: of("other_tool"), input: as(of("an-input-to-find"), '{"input":"an-input-to-find"}') },
    }),
  },
};

const assistant: Shape = {
  minimal: { role: "assistant", content: "an answer" },
  before: [question],
  after: [{ role: "user", content: "another question" }],
  fields: {
    role: fixed,
    content: many({ text, refusal }, "an-answer-to-find"),
    name: of("a-name-to-find"),
    refusal: of("a-refusal-to-find"),
    audio: one({ minimal: { id: "audio_1" }, fields: { id: of("audio-to-find") } }),
    function_call: one({
      minimal: { name: "lookup", arguments: "{}" },
      fields: { name: of("other_tool"), arguments: as(of('{"place":"a-call-to-find"}'), "a-call-to-find") },
    }),
    reasoning: convention(of("a-thought-to-find")),
    reasoning_content: convention(of("a-thought-to-find")),
    reasoning_details: convention(
      whole([{ type: "reasoning.text", text: "a-thought-to-find", signature: "c2lnbmVk", index: 0 }]),
    ),
    annotations: convention(
      whole([
        {
          type: "url_citation",
          url_citation: { url: "https://example.com/a", title: "a", start_index: 0, end_index: 1 },
        },
      ]),
    ),
    images: convention(whole([{ type: "image_url", image_url: { url: PICTURE } }])),
  },
};
const calling: Shape = {
  ...assistant,
  after: [result],
  minimal: { role: "assistant", content: null, tool_calls: [call] },
  fields: {
    role: fixed,
    tool_calls: many({ function: functionCall, custom: customCall }),
    content: of("an-answer-to-find"),
  },
};

const spoken = (role: string): Shape => ({
  minimal: { role, content: "a rule" },
  after: [question],
  fields: { role: fixed, content: many({ text }, `a-${role}-text-to-find`), name: of("a-name-to-find") },
});
/** In the middle of the conversation. */
const interposed: Shape = {
  minimal: { role: "system", content: "a rule" },
  before: [question],
  after: [question],
  fields: { content: of("a-rule-to-find") },
};

const definition: Shape = {
  minimal: { name: "lookup" },
  fields: {
    name: of("a_tool_to_find", "a tool to rename"),
    description: of("a-description-to-find"),
    parameters: whole(SCHEMA),
    strict: as(of(true), "mode=validated"),
  },
};

const messages: Record<string, Shape> = {
  developer: spoken("developer"),
  system: spoken("system"),
  interposed,
  user: {
    minimal: question,
    fields: {
      role: fixed,
      content: many({ text, image_url: image, input_audio: audio, file, video_url: video }, "a-question-to-find"),
      name: of("a-name-to-find"),
    },
  },
  assistant: {
    ...assistant,
    fields: { ...assistant.fields, tool_calls: { samples: [], many: calling.fields.tool_calls?.many ?? {} } },
  },
  calling,
  tool: {
    minimal: result,
    before: [question, { role: "assistant", content: null, tool_calls: [call] }],
    fields: {
      role: fixed,
      content: many({ text, image_url: image, file }, "a-result-to-find"),
      // The call that is left without a result is named.
      tool_call_id: refusedAt(of("call_of_nobody"), /^messages\[1\]\.tool_calls\[0\]$/),
      name: convention(of("a-name-to-find")),
    },
  },
  function: {
    minimal: { role: "function", name: "lookup", content: "found" },
    before: [question, { role: "assistant", content: null, function_call: { name: "lookup", arguments: "{}" } }],
    fields: { role: fixed, content: of("a-result-to-find"), name: of("other_tool") },
  },
};

const mode: Shape = { minimal: { mode: "score" }, fields: { mode: of("block") } };

/** OpenRouter's own members (DIALECTS §7); what only its router can do is named as a whole. */
const openrouter: Record<string, Field> = {
  models: whole(["openai/gpt-4.1"]),
  provider: whole({ order: ["openai"], allow_fallbacks: false, data_collection: "deny" }),
  plugins: whole([{ id: "web" }]),
  session_id: of("a-session-to-find"),
  trace: whole({ trace_id: "a-trace-to-find" }),
  reasoning: one({
    minimal: {},
    fields: {
      effort: EFFORTS,
      max_tokens: as(of(3000), "effort=low", "thinkingLevel=low"),
      exclude: as(of(true), "display=omitted"),
      enabled: each(
        [true, "summary=auto", "type=adaptive", "type=enabled"],
        [false, "effort=none", "type=disabled", "thinkingBudget=0"],
      ),
      summary: as(of("auto", "detailed"), "display=summarized", "includeThoughts=true"),
    },
  }),
  min_p: of(0.11),
  top_a: of(0.12),
  top_k: of(17),
  repetition_penalty: of(1.13),
  cache_control: cacheControl,
  image_config: whole({ aspect_ratio: "16:9" }),
  debug: whole({ echo_upstream_body: true }),
  stop_server_tools_when: whole([{ type: "max_cost", max_cost: 1 }]),
  usage: whole({ include: true }),
  include_reasoning: of(false),
  transforms: whole(["middle-out"]),
  route: of("fallback"),
};

const conventions = Object.fromEntries(Object.entries(openrouter).map(([name, field]) => [name, convention(field)]));

export const openaiChat: Shape = {
  minimal: {
    messages: [question],
    tools: [{ type: "function", function: { name: "lookup", parameters: SCHEMA } }],
  },
  fields: {
    messages: { samples: [], many: messages },
    // Written by the test itself, as the model that is asked.
    model: fixed,
    audio: one({
      minimal: { format: "pcm16", voice: "alloy" },
      within: { modalities: ["text", "audio"] },
      fields: {
        format: of("mp3", "wav"),
        voice: one({ minimal: { id: "voice_1" }, fields: { id: of("voice-to-find") } }, "a-voice-to-find"),
      },
    }),
    frequency_penalty: of(0.31),
    function_call: one({ minimal: { name: "lookup" }, fields: { name: of("other_tool") } }, "none"),
    functions: many(definition),
    logit_bias: whole({ "50256": -41 }),
    logprobs: as(of(true), "message.output_text.logprobs"),
    max_completion_tokens: of(4321, 999_999_999),
    max_tokens: of(4322),
    metadata: whole({ ticket: "a-ticket-to-find" }),
    modalities: whole(["text", "audio"]),
    moderation: one({
      minimal: { model: "omni-moderation-latest" },
      fields: {
        model: of("a-moderator-to-find"),
        policy: one({ minimal: {}, fields: { input: one(mode), output: one(mode) } }),
      },
    }),
    n: of(3),
    parallel_tool_calls: as(of(false), true),
    prediction: one({
      content: {
        minimal: { type: "content", content: "a guess" },
        fields: {
          type: fixed,
          content: many(
            {
              text: {
                minimal: text.minimal,
                fields: { type: fixed, text: of("a-guess-to-find"), prompt_cache_breakpoint: BREAKPOINT },
              },
            },
            "a-guess-to-find",
          ),
        },
      },
    }),
    presence_penalty: of(0.32),
    prompt_cache_key: of("a-key-to-find"),
    prompt_cache_options: one({ minimal: {}, fields: { mode: of("explicit"), ttl: of("30m") } }),
    prompt_cache_retention: of("24h", "in_memory"),
    reasoning_effort: EFFORTS,
    response_format: as(
      one(
        {
          text: { minimal: { type: "text" }, fields: { type: fixed } },
          json_object: { minimal: { type: "json_object" }, fields: { type: fixed } },
          json_schema: {
            minimal: { type: "json_schema", json_schema: { name: "place", schema: SCHEMA } },
            fields: {
              type: fixed,
              json_schema: one({
                minimal: { name: "place", schema: SCHEMA },
                fields: {
                  name: of("a-name-to-find"),
                  description: of("a-description-to-find"),
                  schema: whole({
                    type: "object",
                    properties: { other: { type: "string" } },
                    required: ["other"],
                    additionalProperties: false,
                  }),
                  strict: already(of(true, false), "strict=true"),
                },
              }),
            },
          },
        },
        { type: "json_object" },
      ),
      ...JSON_MODE,
    ),
    safety_identifier: of("a-user-to-find"),
    seed: of(71),
    service_tier: of("flex", "priority", "scale", "fast"),
    stop: of("a-stop-to-find", ["a-stop-to-find", "another-stop-to-find"], ["a", "b", "c", "d", "e"]),
    store: of(true),
    stream: STREAM,
    stream_options: one({
      minimal: {},
      within: { stream: true },
      fields: { include_obfuscation: of(false), include_usage: of(true) },
    }),
    temperature: of(0.73, 1.7),
    tool_choice: as(
      one(
        {
          allowed_tools: {
            minimal: {
              type: "allowed_tools",
              allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "lookup" } }] },
            },
            fields: {
              type: fixed,
              allowed_tools: one({
                minimal: { mode: "auto", tools: [{ type: "function", function: { name: "lookup" } }] },
                fields: {
                  mode: as(of("required"), ...FORCED),
                  tools: as(whole([{ type: "function", function: { name: "other_tool" } }]), "other_tool"),
                },
              }),
            },
          },
          function: {
            minimal: { type: "function", function: { name: "lookup" } },
            fields: { type: fixed, function: one({ minimal: { name: "lookup" }, fields: { name: of("other_tool") } }) },
          },
          custom: {
            minimal: { type: "custom", custom: { name: "lookup" } },
            fields: { type: fixed, custom: one({ minimal: { name: "lookup" }, fields: { name: of("other_tool") } }) },
          },
        },
        "none",
        "required",
        { type: "function", function: { name: "lookup" } },
      ),
      ...FORCED,
      ...NAMED,
    ),
    tools: many({
      custom: {
        minimal: { type: "custom", custom: { name: "lookup" } },
        fields: {
          type: fixed,
          custom: one({
            minimal: { name: "lookup" },
            fields: {
              name: of("a_tool_to_find"),
              description: of("a-description-to-find"),
              format: whole(
                { type: "grammar", grammar: { definition: "a-grammar-to-find", syntax: "lark" } },
                { type: "text" },
              ),
            },
          }),
          cache_control: cacheControl,
        },
      },
      function: {
        minimal: { type: "function", function: { name: "lookup" } },
        fields: { type: fixed, function: one(definition), cache_control: cacheControl },
      },
    }),
    top_logprobs: of(4),
    top_p: of(0.41),
    // An address is told as its keyed hash.
    user: each(["a-user-to-find"], ["somebody@example.com", "hmac:"]),
    verbosity: of("low", "medium", "high"),
    web_search_options: one({
      minimal: {},
      fields: {
        search_context_size: of("high"),
        user_location: one({
          approximate: {
            minimal: { type: "approximate", approximate: { city: "Basel" } },
            fields: {
              type: fixed,
              approximate: one({
                minimal: {},
                fields: {
                  city: of("a-city-to-find"),
                  country: of("CH"),
                  region: of("a-region-to-find"),
                  timezone: of("Europe/Zurich"),
                },
              }),
            },
          },
        }),
      },
    }),
    ...conventions,
  },
};
