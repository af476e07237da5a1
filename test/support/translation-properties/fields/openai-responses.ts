import {
  already,
  as,
  convention,
  each,
  fixed,
  many,
  of,
  one,
  opaque,
  refusedAt,
  type Shape,
  type Variants,
  whole,
} from "../shape.ts";
import { tools } from "./openai-responses-tools.ts";
import { BREAKPOINT, EFFORTS, FORCED, JSON_MODE, NAMED, PDF, PICTURE, SCHEMA, SOUND, STREAM } from "./samples.ts";

/** Responses (`ResponseCreateParamsBase`). */

const marks = { prompt_cache_breakpoint: BREAKPOINT };

const inputText: Shape = {
  minimal: { type: "input_text", text: "a part" },
  fields: { type: fixed, text: of("a-part-to-find"), ...marks },
};
const inputImage: Shape = {
  minimal: { type: "input_image", image_url: PICTURE, detail: "auto" },
  fields: {
    type: fixed,
    image_url: of("https://example.com/dot.png"),
    file_id: of("file-to-find"),
    detail: of("low", "high", "original"),
    ...marks,
  },
};
const inputFile: Shape = {
  minimal: { type: "input_file", file_data: `data:application/pdf;base64,${PDF}` },
  fields: {
    type: fixed,
    file_data: as(of(`data:application/pdf;base64,${PDF}AAAA`), `${PDF}AAAA`),
    file_id: of("file-to-find"),
    file_url: of("https://example.com/paper.pdf"),
    filename: of("a-name-to-find.pdf"),
    detail: of("low", "high"),
    ...marks,
  },
};
const inputAudio: Shape = {
  minimal: { type: "input_audio", input_audio: { data: SOUND, format: "wav" } },
  fields: { input_audio: as(whole({ data: `${SOUND}AAAA`, format: "mp3" }), "mimeType=audio/mp3") },
};
const content: Variants = { input_text: inputText, input_image: inputImage, input_file: inputFile };

const outputText: Shape = {
  minimal: { type: "output_text", text: "an answer", annotations: [] },
  within: { role: "assistant" },
  fields: {
    type: fixed,
    text: of("an-answer-to-find"),
    annotations: many({
      container_file_citation: opaque({
        type: "container_file_citation",
        container_id: "c",
        file_id: "f",
        filename: "n",
        start_index: 0,
        end_index: 1,
      }),
      file_citation: opaque({ type: "file_citation", file_id: "f", filename: "n", index: 0 }),
      file_path: opaque({ type: "file_path", file_id: "f", index: 0 }),
      url_citation: opaque({
        type: "url_citation",
        url: "https://example.com/a",
        title: "a",
        start_index: 0,
        end_index: 2,
      }),
    }),
    logprobs: whole([{ token: "an", logprob: -1, bytes: [97, 110], top_logprobs: [] }]),
  },
};
const refusal: Shape = {
  minimal: { type: "refusal", refusal: "no" },
  within: { role: "assistant" },
  fields: { type: fixed, refusal: of("a-refusal-to-find") },
};

const question = { role: "user", content: "a question" };
const call = { type: "function_call", call_id: "call_1", name: "lookup", arguments: '{"place":"here"}' };
const result = { type: "function_call_output", call_id: "call_1", output: "found" };
const caller = one({ direct: opaque({ type: "direct" }), program: opaque({ type: "program", caller_id: "prog_1" }) });
const status = of("completed", "incomplete");

const message: Shape = {
  minimal: { type: "message", role: "user", content: "a question" },
  after: [question],
  fields: {
    role: fixed,
    type: fixed,
    id: of("msg_to_find"),
    content: many({ ...content, input_audio: inputAudio, output_text: outputText, refusal }, "a-text-to-find"),
    phase: of("commentary"),
    status,
  },
};

/** What OpenAI itself runs, or has run: none of it is a thing elsewhere. */
const foreign = (item: Record<string, unknown>): Shape => opaque(item, { before: [question], after: [question] });
const items: Variants = {
  message,
  instructing: {
    minimal: { role: "developer", content: "a rule" },
    after: [question],
    fields: { content: of("a-rule-to-find") },
  },
  interposed: {
    minimal: { role: "system", content: "a rule" },
    before: [question],
    after: [question],
    fields: { content: of("a-rule-to-find") },
  },
  function_call: {
    minimal: call,
    before: [question],
    after: [result],
    fields: {
      type: fixed,
      arguments: as(of('{"place":"a-call-to-find"}'), "a-call-to-find"),
      call_id: of("call_2"),
      name: of("other_tool"),
      namespace: of("a_namespace_to_find"),
      id: of("fc_to_find"),
      async: of(true),
      caller,
      status,
    },
  },
  custom_tool_call: {
    minimal: { type: "custom_tool_call", call_id: "call_1", name: "lookup", input: "free text" },
    before: [question],
    after: [{ type: "custom_tool_call_output", call_id: "call_1", output: "found" }],
    fields: {
      type: fixed,
      input: as(of("an-input-to-find"), '{"input":"an-input-to-find"}'),
      call_id: of("call_2"),
      name: of("other_tool"),
      namespace: of("a_namespace_to_find"),
      id: of("ctc_to_find"),
      async: of(true),
      caller,
    },
  },
  function_call_output: {
    minimal: result,
    before: [question, call],
    fields: {
      type: fixed,
      output: many(content, "a-result-to-find"),
      // The call that is left without a result is named.
      call_id: refusedAt(of("call_of_nobody"), /^input\[1\]$/),
      id: of("fco_to_find"),
      name: of("other_tool"),
      namespace: of("a_namespace_to_find"),
      caller,
      status,
    },
  },
  custom_tool_call_output: {
    minimal: { type: "custom_tool_call_output", call_id: "call_1", output: "found" },
    before: [question, { type: "custom_tool_call", call_id: "call_1", name: "lookup", input: "free text" }],
    fields: {
      type: fixed,
      output: many(content, "a-result-to-find"),
      // The call that is left without a result is named.
      call_id: refusedAt(of("call_of_nobody"), /^input\[1\]$/),
      id: of("cto_to_find"),
      caller,
    },
  },
  reasoning: {
    minimal: { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "a thought" }] },
    before: [question],
    after: [{ role: "assistant", content: "an answer" }, question],
    fields: {
      type: fixed,
      id: of("rs_to_find"),
      summary: as(
        many({ summary_text: opaque({ type: "summary_text", text: "a-thought-to-find" }) }),
        "reasoning_content=a-thought-to-find",
      ),
      content: many({ reasoning_text: opaque({ type: "reasoning_text", text: "a-thought-to-find" }) }),
      encrypted_content: of("c2VhbGVk"),
      status,
    },
  },
  item_reference: foreign({ type: "item_reference", id: "msg_1" }),
  additional_tools: foreign({
    type: "additional_tools",
    role: "developer",
    tools: [{ type: "function", name: "late", parameters: SCHEMA, strict: false }],
  }),
  apply_patch_call: foreign({
    type: "apply_patch_call",
    call_id: "call_9",
    status: "completed",
    operation: { type: "delete_file", path: "a" },
  }),
  apply_patch_call_output: foreign({ type: "apply_patch_call_output", call_id: "call_9", status: "completed" }),
  compaction_trigger: foreign({ type: "compaction_trigger" }),
  computer_call_output: foreign({
    type: "computer_call_output",
    call_id: "call_9",
    output: { type: "computer_screenshot", file_id: "f" },
  }),
  image_generation_call: foreign({ type: "image_generation_call", id: "ig_1", result: "AAAA", status: "completed" }),
  local_shell_call: foreign({
    type: "local_shell_call",
    id: "l",
    call_id: "call_9",
    status: "completed",
    action: { type: "exec", command: [], env: {} },
  }),
  local_shell_call_output: foreign({ type: "local_shell_call_output", id: "l", output: "o" }),
  mcp_approval_request: foreign({
    type: "mcp_approval_request",
    id: "m",
    arguments: "{}",
    name: "n",
    server_label: "s",
  }),
  mcp_approval_response: foreign({ type: "mcp_approval_response", approval_request_id: "m", approve: true }),
  mcp_call: foreign({ type: "mcp_call", id: "m", arguments: "{}", name: "n", server_label: "s" }),
  mcp_list_tools: foreign({ type: "mcp_list_tools", id: "m", server_label: "s", tools: [] }),
  program: foreign({ type: "program", id: "p", code: "c", fingerprint: "f", call_id: "call_9" }),
  program_output: foreign({ type: "program_output", id: "p", call_id: "call_9", result: "r", status: "completed" }),
  code_interpreter_call: foreign({
    type: "code_interpreter_call",
    id: "c",
    code: "c",
    container_id: "c",
    outputs: null,
    status: "completed",
  }),
  compaction: foreign({ type: "compaction", encrypted_content: "c2VhbGVk" }),
  computer_call: foreign({
    type: "computer_call",
    id: "c",
    call_id: "call_9",
    pending_safety_checks: [],
    status: "completed",
  }),
  configuration_update: foreign({ type: "configuration_update", reasoning: { effort: "low" } }),
  file_search_call: foreign({ type: "file_search_call", id: "f", queries: [], status: "completed" }),
  web_search_call: foreign({
    type: "web_search_call",
    id: "w",
    status: "completed",
    action: { type: "search", query: "q" },
  }),
  tool_search_output: foreign({ type: "tool_search_output", tools: [] }),
  shell_call: foreign({ type: "shell_call", call_id: "call_9", action: { commands: ["ls"] } }),
  shell_call_output: foreign({ type: "shell_call_output", call_id: "call_9", output: [] }),
  tool_search_call: foreign({ type: "tool_search_call", arguments: {} }),
};

const mode: Shape = { minimal: { mode: "score" }, fields: { mode: of("block") } };
const vendorChoice = (choice: Record<string, unknown>): Shape => opaque(choice);

export const openaiResponses: Shape = {
  minimal: {
    input: [question],
    tools: [{ type: "function", name: "lookup", parameters: SCHEMA, strict: false }],
  },
  fields: {
    access_programs: one({ minimal: {}, fields: { cyber: of("daybreak_blue") } }),
    background: of(true),
    context_management: whole([{ type: "compaction", compact_threshold: 2000 }]),
    conversation: one({ minimal: { id: "conv_1" }, fields: { id: of("conv_2") } }, "conv_1"),
    image: one({ minimal: {}, fields: { context_compression: of("enabled") } }),
    include: each(
      [["reasoning.encrypted_content"]],
      [["message.output_text.logprobs"], "logprobs=true", "responseLogprobs=true"],
      [["web_search_call.action.sources"]],
      [["message.input_image.image_url"]],
      [["file_search_call.results"]],
      [["computer_call_output.output.image_url"]],
      [["code_interpreter_call.outputs"]],
    ),
    input: { samples: ["a-question-to-find"], many: items },
    instructions: of("a-rule-to-find"),
    max_output_tokens: of(4321, 999_999_999),
    max_tool_calls: of(3),
    metadata: whole({ ticket: "a-ticket-to-find" }),
    model: fixed,
    moderation: one({
      minimal: { model: "omni-moderation-latest" },
      fields: {
        model: of("a-moderator-to-find"),
        policy: one({ minimal: {}, fields: { input: one(mode), output: one(mode) } }),
      },
    }),
    parallel_tool_calls: as(of(false), true),
    previous_response_id: of("resp_1"),
    prompt: whole({ id: "pmpt_1", variables: { a: "b" } }),
    prompt_cache_key: of("a-key-to-find"),
    prompt_cache_options: one({
      minimal: {},
      fields: {
        comparison_response_id: of("resp_1"),
        mode: of("explicit"),
        prewarm: of(true),
        ttl: of("30m", "12h"),
      },
    }),
    prompt_cache_retention: of("24h", "in_memory"),
    reasoning: one({
      minimal: {},
      fields: {
        effort: EFFORTS,
        summary: as(of("auto", "concise", "detailed"), "display=summarized", "includeThoughts=true"),
        generate_summary: of("concise"),
        context: of("auto", "current_turn", "all_turns"),
        mode: of("standard", "pro"),
      },
    }),
    safety_identifier: of("a-user-to-find"),
    service_tier: of("flex", "priority", "scale", "fast", "ultrafast"),
    store: of(true),
    stream: STREAM,
    stream_options: one({ minimal: {}, within: { stream: true }, fields: { include_obfuscation: of(false) } }),
    temperature: of(0.73, 1.7),
    text: one({
      minimal: {},
      fields: {
        format: as(
          one(
            {
              text: { minimal: { type: "text" }, fields: { type: fixed } },
              json_object: { minimal: { type: "json_object" }, fields: { type: fixed } },
              json_schema: {
                minimal: { type: "json_schema", name: "place", schema: SCHEMA },
                fields: {
                  type: fixed,
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
              },
            },
            { type: "json_object" },
          ),
          ...JSON_MODE,
        ),
        verbosity: of("low", "medium", "high"),
      },
    }),
    tool_choice: as(
      one(
        {
          allowed_tools: {
            minimal: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "lookup" }] },
            fields: {
              type: fixed,
              mode: as(of("required"), ...FORCED),
              tools: as(
                whole([{ type: "function", name: "other_tool" }], [{ type: "mcp", server_label: "s" }]),
                "other_tool",
              ),
            },
          },
          function: { minimal: { type: "function", name: "lookup" }, fields: { type: fixed, name: of("other_tool") } },
          custom: { minimal: { type: "custom", name: "lookup" }, fields: { type: fixed, name: of("other_tool") } },
          programmatic_tool_calling: vendorChoice({ type: "programmatic_tool_calling" }),
          apply_patch: vendorChoice({ type: "apply_patch" }),
          mcp: vendorChoice({ type: "mcp", server_label: "s" }),
          shell: vendorChoice({ type: "shell" }),
          code_interpreter: vendorChoice({ type: "code_interpreter" }),
          computer: vendorChoice({ type: "computer" }),
          computer_use: vendorChoice({ type: "computer_use" }),
          computer_use_preview: vendorChoice({ type: "computer_use_preview" }),
          file_search: vendorChoice({ type: "file_search" }),
          image_generation: vendorChoice({ type: "image_generation" }),
          web_search_preview: vendorChoice({ type: "web_search_preview" }),
          web_search_preview_2025_03_11: vendorChoice({ type: "web_search_preview_2025_03_11" }),
        },
        "none",
        "required",
        { type: "function", name: "lookup" },
      ),
      ...FORCED,
      ...NAMED,
    ),
    tools: { samples: [], many: tools },
    top_logprobs: of(4),
    top_p: of(0.41),
    truncation: of("auto"),
    user: of("a-user-to-find"),
    client_metadata: convention(whole({ a: "b" })),
  },
};
