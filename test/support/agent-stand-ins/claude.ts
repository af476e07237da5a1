/**
 * Does with Claude Code's environment and command line what Claude Code does, for one question: asks by Anthropic's SDK, which
 * reads address and token from the same variables. `npm run agents` has Claude Code itself do it.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import Anthropic from "@anthropic-ai/sdk";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    print: { type: "boolean", short: "p" },
    effort: { type: "string" },
    "append-system-prompt": { type: "string" },
    "json-schema": { type: "string" },
  },
});
const { ANTHROPIC_MODEL: model = "", CLAUDE_CODE_MAX_OUTPUT_TOKENS: most = "32000" } = process.env;
const { effort, "json-schema": schema } = values;
const question = positionals.join(" ");
const images = [...question.matchAll(/@(\S+\.png)/g)].map(([, name = ""]) => ({
  type: "image" as const,
  source: { type: "base64" as const, media_type: "image/png" as const, data: readFileSync(name).toString("base64") },
}));
const message = await new Anthropic().beta.messages
  .stream({
    model,
    max_tokens: Number(most),
    system: ["You are Claude Code.", values["append-system-prompt"]].filter(Boolean).join("\n"),
    output_config: {
      ...(effort && { effort: effort as "low" }),
      ...(schema && { format: { type: "json_schema", schema: JSON.parse(schema) } }),
    },
    messages: [{ role: "user", content: [...images, { type: "text", text: question }] }],
  })
  .finalMessage();
console.log(message.content);
