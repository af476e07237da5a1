import { PNG } from "../plan.ts";
import {
  already,
  as,
  convention,
  each,
  type Field,
  fixed,
  many,
  notOnWire,
  of,
  one,
  opaque,
  refusedAt,
  type Shape,
  type Variants,
  whole,
} from "../shape.ts";
import { tools } from "./anthropic-messages-tools.ts";
import { CACHE_CONTROL, CITATIONS, EFFORTS, FORCED, NAMED, PDF, SCHEMA, STREAM } from "./samples.ts";

/** Messages, with everything that its betas add (`beta.messages.MessageCreateParams`). */

const mark = { cache_control: CACHE_CONTROL };

const text: Shape = {
  minimal: { type: "text", text: "a part" },
  fields: {
    type: fixed,
    text: of("a-part-to-find"),
    citations: many({
      char_location: opaque({
        type: "char_location",
        cited_text: "c",
        document_index: 0,
        document_title: "d",
        start_char_index: 0,
        end_char_index: 1,
      }),
      page_location: opaque({
        type: "page_location",
        cited_text: "c",
        document_index: 0,
        document_title: "d",
        start_page_number: 1,
        end_page_number: 2,
      }),
      content_block_location: opaque({
        type: "content_block_location",
        cited_text: "c",
        document_index: 0,
        document_title: "d",
        start_block_index: 0,
        end_block_index: 1,
      }),
      web_search_result_location: opaque({
        type: "web_search_result_location",
        cited_text: "c",
        encrypted_index: "e",
        title: "t",
        url: "https://example.com/a",
      }),
      search_result_location: opaque({
        type: "search_result_location",
        cited_text: "c",
        search_result_index: 0,
        source: "https://example.com/a",
        title: "t",
        start_block_index: 0,
        end_block_index: 1,
      }),
    }),
    ...mark,
  },
};

const imageSource: Variants = {
  base64: {
    minimal: { type: "base64", media_type: "image/png", data: PNG },
    // The type is told from the bytes, which here are those of a PNG.
    fields: {
      type: fixed,
      data: as(of(`${PNG}AAAA`), `data:image/png;base64,${PNG}AAAA`),
      media_type: of("image/tiff"),
    },
  },
  file: { minimal: { type: "file", file_id: "file_1" }, fields: { type: fixed, file_id: of("file_to_find") } },
  url: {
    minimal: { type: "url", url: "https://example.com/dot.png" },
    fields: { type: fixed, url: of("https://example.com/other.png") },
  },
};
const image: Shape = {
  minimal: { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
  fields: {
    type: fixed,
    source: { samples: [], one: imageSource },
    transformations: one({ minimal: {}, fields: { oversized_image: of("error") } }),
    ...mark,
  },
};

const document: Shape = {
  minimal: { type: "document", source: { type: "base64", media_type: "application/pdf", data: PDF } },
  fields: {
    type: fixed,
    source: {
      samples: [],
      one: {
        base64: {
          minimal: { type: "base64", media_type: "application/pdf", data: PDF },
          fields: {
            type: fixed,
            data: as(of(`${PDF}AAAA`), `data:application/pdf;base64,${PDF}AAAA`),
            media_type: fixed,
          },
        },
        content: {
          minimal: { type: "content", content: [{ type: "text", text: "a part" }] },
          fields: { type: fixed, content: many({ text, image }, "a-document-to-find") },
        },
        file: { minimal: { type: "file", file_id: "file_1" }, fields: { type: fixed, file_id: of("file_to_find") } },
        text: {
          minimal: { type: "text", media_type: "text/plain", data: "a document" },
          fields: { type: fixed, data: of("a-document-to-find"), media_type: fixed },
        },
        url: {
          minimal: { type: "url", url: "https://example.com/paper.pdf" },
          fields: { type: fixed, url: of("https://example.com/other.pdf") },
        },
      },
    },
    title: of("a-title-to-find"),
    context: of("a-context-to-find"),
    citations: CITATIONS,
    ...mark,
  },
};
const searchResult: Shape = {
  minimal: {
    type: "search_result",
    source: "https://example.com/a",
    title: "a",
    content: [{ type: "text", text: "t" }],
  },
  fields: {
    type: fixed,
    content: many({ text }),
    source: of("https://example.com/to-find"),
    title: of("a-title-to-find"),
    citations: CITATIONS,
    ...mark,
  },
};

const question = { role: "user", content: "a question" };
const use = { type: "tool_use", id: "toolu_1", name: "lookup", input: { place: "here" } };
const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "found" }] };
const caller = one({
  direct: opaque({ type: "direct" }),
  code_execution_20250825: opaque({ type: "code_execution_20250825", tool_id: "srvtoolu_1" }),
  code_execution_20260120: opaque({ type: "code_execution_20260120", tool_id: "srvtoolu_1" }),
});

const toolUse: Shape = {
  minimal: use,
  fields: {
    type: fixed,
    id: of("toolu_2"),
    name: of("other_tool"),
    input: as(whole({ place: "a-call-to-find" }), '{"place":"a-call-to-find"}'),
    caller,
    toolset_name: of("a-toolset-to-find"),
    ...mark,
  },
};
const toolResult: Shape = {
  minimal: { type: "tool_result", tool_use_id: "toolu_1", content: "found" },
  fields: {
    type: fixed,
    // The call that is left without a result is named.
    tool_use_id: refusedAt(of("toolu_of_nobody"), /^messages\[1\]\.content\[0\]$/),
    content: many(
      {
        text,
        image,
        document,
        search_result: searchResult,
        browser_state: opaque({ type: "browser_state", tabs: [] }),
        tool_reference: opaque({ type: "tool_reference", tool_name: "lookup" }),
      },
      "a-result-to-find",
    ),
    is_error: as(of(true), "error=found"),
    toolset_name: of("a-toolset-to-find"),
    ...mark,
  },
};

/** What Anthropic itself runs, or has run. */
const foreign: Variants = {
  advisor_tool_result: opaque({
    type: "advisor_tool_result",
    tool_use_id: "s",
    content: { type: "advisor_result", text: "t" },
  }),
  bash_code_execution_tool_result: opaque({
    type: "bash_code_execution_tool_result",
    tool_use_id: "s",
    content: { type: "bash_code_execution_tool_result_error", error_code: "unavailable" },
  }),
  code_execution_tool_result: opaque({
    type: "code_execution_tool_result",
    tool_use_id: "s",
    content: { type: "code_execution_tool_result_error", error_code: "unavailable" },
  }),
  compaction: opaque({ type: "compaction", content: "a summary" }),
  container_upload: opaque({ type: "container_upload", file_id: "file_1" }),
  fallback: opaque({ type: "fallback", from: { model: "a" }, to: { model: "b" } }),
  mcp_tool_listing: opaque({ type: "mcp_tool_listing", mcp_server_name: "m", tools: [] }),
  mcp_tool_use: opaque({ type: "mcp_tool_use", id: "m", input: {}, name: "n", server_name: "s" }),
  mcp_tool_result: opaque({ type: "mcp_tool_result", tool_use_id: "m" }),
  server_tool_use: opaque({ type: "server_tool_use", id: "s", input: {}, name: "web_search" }),
  text_editor_code_execution_tool_result: opaque({
    type: "text_editor_code_execution_tool_result",
    tool_use_id: "s",
    content: { type: "text_editor_code_execution_create_result", is_file_update: true },
  }),
  tool_addition: opaque({ type: "tool_addition", tool: { type: "tool_reference", name: "lookup" } }),
  tool_removal: opaque({ type: "tool_removal", tool: { type: "tool_reference", name: "lookup" } }),
  tool_search_tool_result: opaque({
    type: "tool_search_tool_result",
    tool_use_id: "s",
    content: { type: "tool_search_tool_search_result", tool_references: [] },
  }),
  web_fetch_tool_result: opaque({
    type: "web_fetch_tool_result",
    tool_use_id: "s",
    content: { type: "web_fetch_tool_result_error", error_code: "unavailable" },
  }),
  web_search_tool_result: opaque({ type: "web_search_tool_result", tool_use_id: "s", content: [] }),
};

const said: Variants = {
  text,
  image,
  document,
  search_result: searchResult,
  thinking: {
    minimal: { type: "thinking", thinking: "a thought", signature: "c2lnbmVk" },
    fields: { type: fixed, thinking: of("a-thought-to-find"), signature: of("c2lnbmVkdG9maW5k") },
  },
  redacted_thinking: {
    minimal: { type: "redacted_thinking", data: "c2VhbGVk" },
    fields: { type: fixed, data: of("c2VhbGVkdG9maW5k") },
  },
  tool_use: toolUse,
  tool_result: toolResult,
  ...foreign,
};

const assistant: Shape = {
  minimal: { role: "assistant", content: "an answer" },
  before: [question],
  after: [question],
  fields: { role: fixed, content: many(said, "an-answer-to-find") },
};
const messages: Variants = {
  user: { minimal: question, fields: { role: fixed, content: many(said, "a-question-to-find") } },
  assistant,
  calling: {
    minimal: { role: "assistant", content: [use] },
    before: [question],
    after: [result],
    fields: { content: many({ tool_use: toolUse }) },
  },
  answering: {
    minimal: result,
    before: [question, { role: "assistant", content: [use] }],
    fields: { content: many({ tool_result: toolResult }) },
  },
  system: {
    minimal: { role: "system", content: "a rule" },
    before: [question],
    after: [question],
    fields: {
      role: fixed,
      content: many(
        { text, tool_addition: said.tool_addition as Shape, tool_removal: said.tool_removal as Shape },
        "a-rule-to-find",
      ),
      clear_at: of("never", "next_user_message"),
      output_config: one({ minimal: {}, fields: { effort: of("low") } }),
    },
  },
};

const single = { disable_parallel_tool_use: as(of(true), "parallel_tool_calls=false") };
const thinking = (minimal: Record<string, unknown>, fields: Record<string, Field>): Shape => ({
  minimal,
  fields: { type: fixed, ...fields },
});
const display = already(
  as(of("summarized", "omitted", "updates"), "exclude=true"),
  "includeThoughts=true",
  "summary=auto",
);
const binding = one({ minimal: {}, fields: { prefix_mismatch_behavior: of("drop_block") } });
const format: Shape = {
  minimal: { type: "json_schema", schema: SCHEMA },
  fields: {
    type: fixed,
    schema: whole({
      type: "object",
      properties: { other: { type: "string" } },
      required: ["other"],
      additionalProperties: false,
    }),
  },
};

export const anthropicMessages: Shape = {
  minimal: {
    max_tokens: 5000,
    messages: [question],
    tools: [{ name: "lookup", input_schema: SCHEMA }],
  },
  fields: {
    max_tokens: of(4321, 999_999_999),
    messages: { samples: [], many: messages },
    model: fixed,
    // A header.
    betas: notOnWire,
    billing_policy: whole({ type: "billing_policy", bill_to: "organization" }),
    cache_control: CACHE_CONTROL,
    compaction: whole({ type: "summarize" }),
    container: whole("container_1", { id: "container_1", skills: [{ type: "anthropic", skill_id: "pdf" }] }),
    context_management: whole({ edits: [{ type: "clear_tool_uses_20250919" }] }),
    diagnostics: whole({ previous_message_id: "msg_1" }),
    fallback_credit_token: whole("token_1"),
    fallbacks: whole([{ model: "claude-sonnet-4-6" }]),
    inference_geo: of("eu"),
    mcp_servers: whole([{ type: "url", name: "m", url: "https://example.com" }]),
    metadata: one({ minimal: {}, fields: { user_id: of("a-user-to-find") } }),
    output_config: one({
      minimal: {},
      fields: {
        effort: EFFORTS,
        format: one({ json_schema: format }),
        task_budget: whole({ type: "tokens", total: 20_000 }),
      },
    }),
    output_format: one({ json_schema: format }),
    service_tier: each(["auto"], ["standard_only", "service_tier=default", "serviceTier=standard"]),
    speed: of("fast"),
    stop_sequences: whole(["a-stop-to-find"], ["a", "b", "c", "d", "e", "f"]),
    stream: STREAM,
    system: many({ text }, "a-rule-to-find"),
    // Of the wire before 2026-10-21, which the SDK no longer types.
    temperature: convention(of(0.73)),
    top_k: convention(of(17)),
    top_p: convention(of(0.41)),
    thinking: as(
      one(
        {
          enabled: thinking(
            { type: "enabled", budget_tokens: 2000 },
            {
              budget_tokens: as(of(20_000), "effort=high", "thinkingLevel=high", "reasoning_effort=high"),
              display,
              block_binding: binding,
            },
          ),
          adaptive: thinking({ type: "adaptive" }, { display, block_binding: binding }),
          disabled: thinking({ type: "disabled" }, {}),
          between_tools: thinking({ type: "between_tools" }, {}),
        },
        { type: "enabled", budget_tokens: 2000 },
        { type: "disabled" },
      ),
      "effort=low",
      "reasoning_effort=low",
      "thinkingLevel=low",
      "thinkingBudget=2000",
      "max_tokens=2000",
      "effort=none",
      "thinkingBudget=0",
    ),
    thread: whole({ type: "create" }),
    tool_choice: as(
      one(
        {
          auto: { minimal: { type: "auto" }, fields: { type: fixed, ...single } },
          any: { minimal: { type: "any" }, fields: { type: fixed, ...single } },
          none: { minimal: { type: "none" }, fields: { type: fixed } },
          tool: {
            minimal: { type: "tool", name: "lookup" },
            fields: { type: fixed, name: of("other_tool"), ...single },
          },
        },
        { type: "any" },
        { type: "none" },
        { type: "tool", name: "lookup" },
      ),
      ...FORCED,
      ...NAMED,
    ),
    tools: { samples: [], many: tools },
    user_profile_id: of("profile_1"),
    workspace_id: convention(of("workspace_1")),
  },
};
