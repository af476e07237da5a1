import {
  as,
  convention,
  type Field,
  fixed,
  many,
  of,
  one,
  opaque,
  type Shape,
  type Variants,
  whole,
} from "../shape.ts";
import { SCHEMA } from "./samples.ts";

/** The tools of Responses (`Tool`). */

const callers = whole(["programmatic"]);
const functionFields: Record<string, Field> = {
  type: fixed,
  name: of("a_tool_to_find", "a tool to rename"),
  parameters: whole(SCHEMA),
  strict: as(of(true), "mode=validated"),
  description: of("a-description-to-find"),
  allowed_callers: callers,
  async: of(true),
  defer_loading: of(true),
  output_schema: whole(SCHEMA),
};
const functionTool: Shape = {
  minimal: { type: "function", name: "lookup", parameters: null, strict: false },
  fields: functionFields,
};
const customTool: Shape = {
  minimal: { type: "custom", name: "lookup" },
  fields: {
    type: fixed,
    name: of("a_tool_to_find"),
    description: of("a-description-to-find"),
    format: whole({ type: "grammar", definition: "a-grammar-to-find", syntax: "lark" }, { type: "text" }),
    allowed_callers: callers,
    async: of(true),
    defer_loading: of(true),
  },
};

const location: Field = one({
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
});
const webSearch: Shape = {
  minimal: { type: "web_search" },
  fields: {
    type: fixed,
    external_web_access: of(false),
    filters: one({
      minimal: {},
      fields: { allowed_domains: whole(["a-domain-to-find.com"]), blocked_domains: convention(whole(["blocked.com"])) },
    }),
    search_context_size: of("high"),
    user_location: location,
  },
};
const webSearchPreview: Shape = {
  minimal: { type: "web_search_preview" },
  fields: {
    type: fixed,
    search_content_types: whole(["image"]),
    search_context_size: of("high"),
    user_location: location,
  },
};

export const tools: Variants = {
  function: functionTool,
  custom: customTool,
  namespace: {
    minimal: {
      type: "namespace",
      name: "space",
      description: "a space",
      tools: [{ type: "function", name: "lookup", parameters: SCHEMA, strict: false }],
    },
    fields: {
      type: fixed,
      name: as(of("a_namespace_to_find"), "a_namespace_to_find__lookup"),
      description: of("a-description-to-find"),
      tools: many({
        function: {
          ...functionTool,
          fields: { ...functionFields, name: as(of("a_tool_to_find"), "space__a_tool_to_find") },
        },
        custom: {
          ...customTool,
          fields: { ...customTool.fields, name: as(of("a_tool_to_find"), "space__a_tool_to_find") },
        },
      }),
    },
  },
  web_search: webSearch,
  web_search_2025_08_26: { ...webSearch, minimal: { type: "web_search_2025_08_26" } },
  web_search_preview: webSearchPreview,
  web_search_preview_2025_03_11: { ...webSearchPreview, minimal: { type: "web_search_preview_2025_03_11" } },
  tool_search: {
    minimal: { type: "tool_search" },
    fields: {
      type: fixed,
      description: of("a-description-to-find"),
      execution: of("client"),
      parameters: whole(SCHEMA),
    },
  },
  apply_patch: opaque({ type: "apply_patch" }),
  code_interpreter: opaque({ type: "code_interpreter", container: { type: "auto" } }),
  computer: opaque({ type: "computer" }),
  computer_use_preview: opaque({
    type: "computer_use_preview",
    display_height: 1,
    display_width: 1,
    environment: "linux",
  }),
  file_search: opaque({ type: "file_search", vector_store_ids: ["vs_1"] }),
  shell: opaque({ type: "shell" }),
  image_generation: opaque({ type: "image_generation" }),
  local_shell: opaque({ type: "local_shell" }),
  mcp: opaque({ type: "mcp", server_label: "s", server_url: "https://example.com" }),
  programmatic_tool_calling: opaque({ type: "programmatic_tool_calling" }),
};
