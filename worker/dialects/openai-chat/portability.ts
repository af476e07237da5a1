import { type Portability, refuse, silent, warn } from "../portability.ts";

/** Fields of Chat (and OpenRouter's additions to it) that no other dialect has. */
export const portability: Portability = {
  "stream_options.include_obfuscation": silent,
  // OpenRouter tells its usage in any case.
  usage: silent,
  "messages[].refusal": silent,
  // What other gateways and SDKs put into the answers that now stand in the history.
  "messages[].annotations": warn("citation_dropped"),
  "messages[].function_call": silent,
  "messages[].images": warn("part_dropped"),
  "messages[].tool_calls[].index": silent,
  "messages[].tool_calls[].type": silent,
  "messages[].reasoning_details": silent,
  "moderation.policy": refuse(
    "unsupported_parameter",
    "no other provider blocks by a moderation policy. Leave it out.",
  ),
  "tools[].function.strict": silent,
};
