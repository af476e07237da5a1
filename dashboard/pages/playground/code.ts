import { settingsBody } from "./chat-request.ts";
import type { Column } from "./thread.ts";

/** What is asked, and through which router. */
export interface Asked {
  router: string;
  column: Column;
  system: string;
  prompt: string;
}

interface Client {
  id: string;
  name: string;
  code: (asked: Asked) => string;
}

const text = (value: string): string => JSON.stringify(value);
const shell = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;
/** Members of an object, each in its own line. */
const lines = (members: Record<string, unknown>, indent: string): string =>
  Object.entries(members)
    .map(([name, value]) => `${indent}${name}: ${JSON.stringify(value)},\n`)
    .join("");
const chat = ({ column, system, prompt }: Asked): Record<string, unknown> => ({
  model: column.model,
  messages: [...(system ? [{ role: "system", content: system }] : []), { role: "user", content: prompt }],
  ...settingsBody(column),
});
const common = ({ column }: Asked) => {
  const { temperature, topP, maxTokens } = column.settings;
  return {
    ...(temperature ? { temperature: Number(temperature) } : {}),
    ...(topP ? { topP: Number(topP) } : {}),
    ...(maxTokens ? { maxOutputTokens: Number(maxTokens) } : {}),
  };
};

/**
 * The last question as each client asks it. What has a place of its own in every client is there: model, system prompt, prompt,
 * temperature, top p, output cap; Chat's own clients have the other settings too. Never a key.
 */
export const CLIENTS: readonly Client[] = [
  {
    id: "curl",
    name: "curl",
    code: (asked) => `curl -N ${asked.router}/v1/chat/completions \\
  -H "Authorization: Bearer $GAIA_KEY" \\
  -H "Content-Type: application/json" \\
  -d ${shell(JSON.stringify({ ...chat(asked), stream: true }, null, 2))}`,
  },
  {
    id: "openai",
    name: "OpenAI SDK",
    code: (asked) => `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${asked.router}/v1", apiKey: process.env.GAIA_KEY });

const answer = await client.chat.completions.create({
${lines(chat(asked), "  ")}});

console.log(answer.choices[0].message.content);`,
  },
  {
    id: "anthropic",
    name: "Anthropic SDK",
    code: ({ router, column, system, prompt }) => `import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({ baseURL: "${router}", apiKey: process.env.GAIA_KEY });

const message = await client.messages.create({
${lines(
  {
    model: column.model,
    max_tokens: Number(column.settings.maxTokens) || 4096,
    ...(system ? { system } : {}),
    ...(column.settings.temperature ? { temperature: Number(column.settings.temperature) } : {}),
    messages: [{ role: "user", content: prompt }],
  },
  "  ",
)}});

console.log(message.content);`,
  },
  {
    id: "gemini",
    name: "Google Gen AI SDK",
    code: (asked) => `import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({ apiKey: process.env.GAIA_KEY, httpOptions: { baseUrl: "${asked.router}" } });

const response = await client.models.generateContent({
${lines({ model: asked.column.model, contents: asked.prompt }, "  ")}  config: ${JSON.stringify({ ...(asked.system ? { systemInstruction: asked.system } : {}), ...common(asked) })},
});

console.log(response.text);`,
  },
  {
    id: "ai-sdk",
    name: "AI SDK",
    code: (asked) => `import { createOpenAI } from "@ai-sdk/openai";
import { generateText } from "ai";

const gaia = createOpenAI({ baseURL: "${asked.router}/v1", apiKey: process.env.GAIA_KEY });

const { text } = await generateText({
  model: gaia.chat(${text(asked.column.model)}),
${lines({ ...(asked.system ? { system: asked.system } : {}), prompt: asked.prompt, ...common(asked) }, "  ")}});

console.log(text);`,
  },
  {
    id: "claude-code",
    name: "Claude Code",
    code: ({ router, column, system, prompt }) => `export ANTHROPIC_BASE_URL=${router}
export ANTHROPIC_AUTH_TOKEN=$GAIA_KEY
export ANTHROPIC_MODEL=${shell(column.model)}
export ANTHROPIC_DEFAULT_HAIKU_MODEL=${shell(column.model)}

claude${system ? ` --append-system-prompt ${shell(system)}` : ""} -p ${shell(prompt)}`,
  },
  {
    id: "codex",
    name: "Codex CLI",
    code: ({ router, column, prompt }) => `codex exec ${shell(prompt)} \\
  -c model=${shell(JSON.stringify(column.model))} \\
  -c model_provider='"gaia"' \\
  -c model_providers.gaia.name='"GaiaRouter"' \\
  -c model_providers.gaia.base_url='"${router}/v1"' \\
  -c model_providers.gaia.env_key='"GAIA_KEY"' \\
  -c model_providers.gaia.wire_api='"responses"'`,
  },
];
