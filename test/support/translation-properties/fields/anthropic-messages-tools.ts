import { as, convention, type Field, fixed, of, one, opaque, type Shape, type Variants, whole } from "../shape.ts";
import { CACHE_CONTROL, CITATIONS, SCHEMA } from "./samples.ts";

/** The tools of Messages (`BetaToolUnion`). */

const mark = { cache_control: CACHE_CONTROL };

const callers = whole(["code_execution_20250825"]);
const toolFields: Record<string, Field> = {
  type: fixed,
  name: of("a_tool_to_find"),
  description: of("a-description-to-find"),
  input_schema: whole(SCHEMA),
  strict: as(of(true), "mode=validated"),
  allowed_callers: callers,
  defer_loading: of(true),
  eager_input_streaming: of(true),
  input_examples: whole([{ place: "an-example-to-find" }]),
  ...mark,
};
const search: Shape = {
  minimal: { type: "web_search_20250305", name: "web_search" },
  fields: {
    type: fixed,
    name: fixed,
    allowed_callers: callers,
    allowed_domains: whole(["a-domain-to-find.com"]),
    blocked_domains: whole(["a-domain-to-find.com"]),
    defer_loading: of(true),
    max_uses: of(7),
    strict: of(true),
    user_location: one({
      approximate: {
        minimal: { type: "approximate", city: "Basel" },
        fields: {
          type: fixed,
          city: of("a-city-to-find"),
          country: of("CH"),
          region: of("a-region-to-find"),
          timezone: of("Europe/Zurich"),
        },
      },
    }),
    // Newer versions only; an older one takes it for a mistake, and so is named all the same.
    response_inclusion: convention(of("excluded")),
    ...mark,
  },
};
const fetching: Shape = {
  minimal: { type: "web_fetch_20250910", name: "web_fetch" },
  fields: {
    type: fixed,
    name: fixed,
    allowed_callers: callers,
    allowed_domains: whole(["a-domain-to-find.com"]),
    blocked_domains: whole(["a-domain-to-find.com"]),
    citations: CITATIONS,
    defer_loading: of(true),
    max_content_tokens: of(700),
    max_uses: of(7),
    strict: of(true),
    url_sources: whole({ client_tool_results: { type: "all" } }),
    use_cache: convention(of(false)),
    // Newer versions only; an older one takes it for a mistake, and so is named all the same.
    response_inclusion: convention(of("excluded")),
    ...mark,
  },
};
const toolSearch: Shape = {
  minimal: { type: "tool_search_tool_bm25", name: "tool_search_tool_bm25" },
  fields: { type: fixed, name: fixed, allowed_callers: callers, defer_loading: of(true), strict: of(true), ...mark },
};
const named = (shape: Shape, type: string): Shape => ({ ...shape, minimal: { ...shape.minimal, type } });

export const tools: Variants = {
  "": { minimal: { name: "lookup", input_schema: { type: "object" } }, fields: toolFields },
  custom: { minimal: { type: "custom", name: "lookup", input_schema: { type: "object" } }, fields: toolFields },
  ...Object.fromEntries(
    ["web_search_20250305", "web_search_20260209", "web_search_20260318"].map((type) => [type, named(search, type)]),
  ),
  ...Object.fromEntries(
    ["web_fetch_20250910", "web_fetch_20260209", "web_fetch_20260309", "web_fetch_20260318"].map((type) => [
      type,
      named(fetching, type),
    ]),
  ),
  ...Object.fromEntries(
    [
      "tool_search_tool_bm25",
      "tool_search_tool_bm25_20251119",
      "tool_search_tool_regex",
      "tool_search_tool_regex_20251119",
    ].map((type) => [type, named(toolSearch, type)]),
  ),
  ...Object.fromEntries(
    `advisor_20260301 bash_20241022 bash_20250124 browser_toolset_20260801 code_execution_20250522 code_execution_20250825
    code_execution_20260120 code_execution_20260521 computer_20241022 computer_20250124 computer_20251124
    computer_toolset_20260801 mcp_toolset memory_20250818 text_editor_20241022 text_editor_20250124 text_editor_20250429
    text_editor_20250728`
      .split(/\s+/)
      .map((type) => [type, opaque({ type, name: type.replace(/_\d+$/, "") })]),
  ),
};
