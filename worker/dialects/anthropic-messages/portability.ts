import { type Portability, refuse, silent, warn } from "../portability.ts";

const elsewhere = (what: string) => refuse("state_unsupported", `${what} exist at Anthropic only. Leave it out.`);

/** Fields of Messages that no other dialect has. */
export const portability: Portability = {
  container: elsewhere("containers"),
  thread: elsewhere("threads"),
  fallback_credit_token: elsewhere("fallback credits"),
  mcp_servers: refuse("builtin_unsupported", "the model's vendor would have to call these servers. Leave them out."),
  inference_geo: refuse("unsupported_parameter", "no other provider promises where it computes. Leave it out."),
  "messages[].content[].caller": silent,
  "tools[].type": silent,
  // Where the gateway writes the stream, arguments go on as they come.
  "tools[].eager_input_streaming": silent,
  "tools[].defer_loading": warn("tool_emulated"),
  "thinking.block_binding": silent,
};
