/** What an example is about. */
export interface Target {
  /** The router's address, without a slash at its end. */
  router: string;
  /** A key, where one was just made; else the examples read `GAIA_KEY` from the environment. */
  key: string | null;
  /** `provider/model`. */
  model: string;
}

/** How one client is pointed at the router. */
export interface Client {
  id: string;
  /** As its makers call it. */
  name: string;
  /** The file an example would be saved as, or the shell. */
  file: string;
  code(target: Target): string;
}

/** A key in JavaScript: itself, or where to find it. */
const script = (key: string | null): string => (key === null ? "process.env.GAIA_KEY" : JSON.stringify(key));
/** A key in a shell. */
const shell = (key: string | null): string => key ?? "$GAIA_KEY";
/** Gemini's own names have no provider before them. */
const bare = (model: string): string => model.replace(/^google\//, "");

/** Each client's lines, complete: pasted as they are, they get an answer. */
export const CLIENTS: readonly Client[] = [
  {
    id: "curl",
    name: "curl",
    file: "shell",
    code: ({ router, key, model }) => `curl -N ${router}/v1/chat/completions \\
  -H "Authorization: Bearer ${shell(key)}" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "${model}",
    "stream": true,
    "messages": [{ "role": "user", "content": "Hello" }]
  }'`,
  },
  {
    id: "openai",
    name: "OpenAI",
    file: "hello.mjs",
    code: ({ router, key, model }) => `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "${router}/v1",
  apiKey: ${script(key)},
});

const response = await client.responses.create({
  model: "${model}",
  input: "Hello",
});

console.log(response.output_text);`,
  },
  {
    id: "anthropic",
    name: "Anthropic",
    file: "hello.mjs",
    code: ({ router, key, model }) => `import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({
  baseURL: "${router}",
  apiKey: ${script(key)},
});

const message = await client.messages.create({
  model: "${model}",
  max_tokens: 1024,
  messages: [{ role: "user", content: "Hello" }],
});

console.log(message.content);`,
  },
  {
    id: "gemini",
    name: "Gemini",
    file: "hello.mjs",
    code: ({ router, key, model }) => `import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({
  apiKey: ${script(key)},
  httpOptions: { baseUrl: "${router}" },
});

const response = await client.models.generateContent({
  model: "${bare(model)}",
  contents: "Hello",
});

console.log(response.text);`,
  },
  {
    id: "ai-sdk",
    name: "AI SDK",
    file: "hello.mjs",
    code: ({ router, key, model }) => `import { createOpenAI } from "@ai-sdk/openai";
import { generateText } from "ai";

const gaia = createOpenAI({
  baseURL: "${router}/v1",
  apiKey: ${script(key)},
});

const { text } = await generateText({
  model: gaia.chat("${model}"),
  prompt: "Hello",
});

console.log(text);`,
  },
  {
    id: "claude-code",
    name: "Claude Code",
    file: "shell",
    code: ({ router, key, model }) => `export ANTHROPIC_BASE_URL=${router}
export ANTHROPIC_AUTH_TOKEN=${shell(key)}
export ANTHROPIC_MODEL=${model}
export ANTHROPIC_DEFAULT_HAIKU_MODEL=${model}

claude -p "Hello"`,
  },
  {
    id: "codex",
    name: "Codex",
    file: "shell",
    code: ({ router, key, model }) => `export GAIA_KEY=${key ?? "…"}

codex exec "Hello" \\
  -c model="${model}" \\
  -c model_provider="gaia" \\
  -c model_providers.gaia.name="GaiaRouter" \\
  -c model_providers.gaia.base_url="${router}/v1" \\
  -c model_providers.gaia.env_key="GAIA_KEY" \\
  -c model_providers.gaia.wire_api="responses"`,
  },
];
