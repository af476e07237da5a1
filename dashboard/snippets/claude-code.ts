import { filesOf, systemOf, textOf, turnsOf } from "./request-parts.ts";
import type { Client } from "./target.ts";
import { leftOut, shellKey, shellWord } from "./write.ts";

const EFFORTS = ["low", "medium", "high", "xhigh", "max"];

/** Claude Code without a terminal; it says much more to the model than what is asked here. */
export const claudeCode: Client = {
  id: "claude-code",
  name: "Claude Code",
  file: "shell",
  code({ router, key, model, request }) {
    const turns = turnsOf(request);
    const { max_completion_tokens: most, reasoning_effort: effort, response_format: format } = request;
    const knows = effort !== undefined && EFFORTS.includes(effort);
    const system = systemOf(request);
    const files = [...filesOf({ messages: turns.slice(-1) }).values()].map(({ name }) => `@${name} `);
    const question = turns.at(-1);
    const options = [
      ...(knows ? [`--effort ${effort}`] : []),
      ...(system ? [`--append-system-prompt ${shellWord(system)}`] : []),
      ...(format ? [`--json-schema ${shellWord(JSON.stringify(format.json_schema.schema))}`] : []),
      `-p -- ${shellWord(files.join("") + (question ? textOf(question) : ""))}`,
    ];
    return `${leftOut("#", [
      turns.length > 1 && "earlier turns",
      request.temperature !== undefined && "temperature",
      request.top_p !== undefined && "top_p",
      effort !== undefined && !knows && "reasoning_effort",
      request.tools !== undefined && "tools",
      request.modalities !== undefined && "modalities",
    ])}export ANTHROPIC_BASE_URL=${router}
export ANTHROPIC_AUTH_TOKEN=${shellKey(key)}
export ANTHROPIC_MODEL=${shellWord(model)}
export ANTHROPIC_DEFAULT_HAIKU_MODEL=${shellWord(model)}
${most === undefined ? "" : `export CLAUDE_CODE_MAX_OUTPUT_TOKENS=${most}\n`}
claude ${options.join(" \\\n  ")}`;
  },
};
