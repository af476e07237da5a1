/** How one client is pointed at the router. */
interface Client {
  id: string;
  name: string;
  /** What to know beside the code. */
  note: string;
  code(router: string): string;
}

const CURL = (router: string) => `curl -N ${router}/v1/chat/completions \\
  -H "Authorization: Bearer $GAIA_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
    "model": "openai/gpt-6.1-sol",
    "stream": true,
    "messages": [{ "role": "user", "content": "Hello" }]
  }'`;

const OPENAI = (router: string) => `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "${router}/v1",
  apiKey: process.env.GAIA_KEY,
});

const response = await client.responses.create({
  model: "openai/gpt-6.1-sol",
  input: "Hello",
});`;

const ANTHROPIC = (router: string) => `import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({
  baseURL: "${router}",
  apiKey: process.env.GAIA_KEY,
});

const message = await client.messages.create({
  model: "anthropic/claude-sonnet-5-5",
  max_tokens: 1024,
  messages: [{ role: "user", content: "Hello" }],
});`;

const GEMINI = (router: string) => `import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({
  apiKey: process.env.GAIA_KEY,
  httpOptions: { baseUrl: "${router}" },
});

const response = await client.models.generateContent({
  model: "gemini-3.8-flash",
  contents: "Hello",
});`;

const CLAUDE_CODE = (router: string) => `export ANTHROPIC_BASE_URL=${router}
export ANTHROPIC_AUTH_TOKEN=$GAIA_KEY

# For another vendor's model; without these two, Claude.
export ANTHROPIC_MODEL=openai/gpt-6.1-sol
export ANTHROPIC_DEFAULT_HAIKU_MODEL=openai/gpt-6.1-sol

claude`;

const CODEX = (router: string) => `# ~/.codex/config.toml
model = "anthropic/claude-sonnet-5-5"
model_provider = "gaia"

[model_providers.gaia]
name = "GaiaRouter"
base_url = "${router}/v1"
env_key = "GAIA_KEY"
wire_api = "responses"`;

const GEMINI_CLI = (router: string) => `# ~/.gemini/settings.json holds
# { "security": { "auth": { "selectedType": "gemini-api-key" } } }
export GOOGLE_GEMINI_BASE_URL=${router}
export GEMINI_API_KEY=$GAIA_KEY

gemini -m anthropic/claude-sonnet-5-5`;

export const CLIENTS: readonly Client[] = [
  { id: "curl", name: "curl", note: "Streams an answer in OpenAI's Chat dialect.", code: CURL },
  {
    id: "openai",
    name: "OpenAI SDK",
    note: "The base URL ends in /v1. Any provider's model, in Chat and Responses.",
    code: OPENAI,
  },
  {
    id: "anthropic",
    name: "Anthropic SDK",
    note: "The base URL has no /v1: the SDK adds it. Any provider's model.",
    code: ANTHROPIC,
  },
  {
    id: "gemini",
    name: "Gemini SDK",
    note: "The base URL has no version: the SDK adds it. Any provider's model.",
    code: GEMINI,
  },
  {
    id: "claude-code",
    name: "Claude Code",
    note: "Its sessions and agents are told apart in every row.",
    code: CLAUDE_CODE,
  },
  { id: "codex", name: "Codex CLI", note: "Any provider's model, as here one of Anthropic's.", code: CODEX },
  {
    id: "gemini-cli",
    name: "Gemini CLI",
    note: "The base URL has no version. Any provider's model, as here one of Anthropic's.",
    code: GEMINI_CLI,
  },
];
