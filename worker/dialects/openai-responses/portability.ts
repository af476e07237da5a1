import { type Portability, refuse, silent, warn } from "../portability.ts";

const stored = refuse(
  "state_unsupported",
  "it names something OpenAI keeps, which no other provider has. Send the whole input.",
);

/** Fields of Responses that no other dialect has. */
export const portability: Portability = {
  previous_response_id: stored,
  conversation: stored,
  prompt: stored,
  background: refuse("state_unsupported", "only OpenAI answers in the background. Leave it out."),
  "moderation.policy": refuse(
    "unsupported_parameter",
    "no other provider blocks by a moderation policy. Leave it out.",
  ),
  "stream_options.include_obfuscation": silent,
  client_metadata: silent,
  context_management: warn(),
  // What the items of earlier answers carry.
  "input[].id": silent,
  "input[].status": silent,
  "input[].phase": silent,
  "input[].type": silent,
  "input[].content[].annotations": warn("citation_dropped"),
  "input[].content[].logprobs": silent,
  "tools[].type": silent,
  "tools[].defer_loading": warn("tool_emulated"),
  "tools[].tools[].type": silent,
  "tools[].tools[].defer_loading": warn("tool_emulated"),
};
