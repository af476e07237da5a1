import { filesOf, systemOf, textOf, turnsOf } from "./request-parts.ts";
import type { Client, Target } from "./target.ts";
import { json, leftOut, shellWord } from "./write.ts";

/** Codex without a terminal; it says much more to the model than what is asked here. */
export const codex: Client = {
  id: "codex",
  name: "Codex",
  file: "shell",
  code({ router, key, model, request }) {
    const turns = turnsOf(request);
    const { response_format: format, reasoning_effort: effort } = request;
    const system = systemOf(request);
    const question = turns.at(-1);
    const files = [...filesOf({ messages: turns.slice(-1) }).values()];
    const images = files.filter(({ type }) => type.startsWith("image/"));
    const set = (name: string, value: string) => `-c ${shellWord(`${name}=${JSON.stringify(value)}`)}`;
    const options = [
      set("model", model),
      set("model_provider", "gaia"),
      set("model_providers.gaia.name", "GaiaRouter"),
      set("model_providers.gaia.base_url", `${router}/v1`),
      set("model_providers.gaia.env_key", "GAIA_KEY"),
      set("model_providers.gaia.wire_api", "responses"),
      ...(effort ? [set("model_reasoning_effort", effort)] : []),
      ...(system ? [set("developer_instructions", system)] : []),
      ...(format ? ["--output-schema answer.json"] : []),
      ...(images.length > 0 ? [`-i ${images.map(({ name }) => name).join(",")}`] : []),
      `-- ${shellWord(question ? textOf(question) : "")}`,
    ];
    return `${leftOut("#", leftOutOf(request, images.length < files.length))}${[
      ...(key === null ? [] : [`export GAIA_KEY=${key}\n`]),
      ...(format ? [`cat > answer.json <<'JSON'\n${json(format.json_schema.schema)}\nJSON\n`] : []),
      `codex exec --skip-git-repo-check \\\n  ${options.join(" \\\n  ")}`,
    ].join("\n")}`;
  },
};

const leftOutOf = (request: Target["request"], hasDocuments: boolean) => [
  turnsOf(request).length > 1 && "earlier turns",
  request.temperature !== undefined && "temperature",
  request.top_p !== undefined && "top_p",
  request.max_completion_tokens !== undefined && "max_completion_tokens",
  request.tools !== undefined && "tools",
  request.modalities !== undefined && "modalities",
  hasDocuments && "documents",
];
