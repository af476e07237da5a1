import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import type { Json } from "./told/told-answer.ts";

/**
 * Holds request bodies against the types that the vendors' own SDKs give their requests: the bodies are written down as
 * object literals of that type, where TypeScript also refuses members that the type does not have, and compiled.
 */

export interface TypedBody {
  name: string;
  dialect: ChatDialectId;
  body: Record<string, unknown>;
}

const ROOT = join(import.meta.dirname, "../../..");

/** How each file begins: the type of a request as it is on the wire. */
const PREAMBLES: Record<ChatDialectId, string> = {
  "openai-chat": `import type OpenAI from "openai";
type Request = OpenAI.ChatCompletionCreateParams;`,
  "openai-responses": `import type OpenAI from "openai";
type Request = OpenAI.Responses.ResponseCreateParams;`,
  // The SDK knows the newest wire version alone, which has no sampling; the older one is written where a model takes it.
  "anthropic-messages": `import type Anthropic from "@anthropic-ai/sdk";
type Sampling = { temperature?: number; top_p?: number; top_k?: number };
type Request = Anthropic.MessageCreateParams & Sampling;`,
  // The SDK's enumerations are words on the wire; what stands in its `config` stands in the body.
  "google-generate-content": `import type { Content, GenerationConfig, SafetySetting, ServiceTier, Tool, ToolConfig } from "@google/genai";
type Wire<T> = T extends string ? \`\${T}\` : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;
type Request = Wire<{
  contents: Content[];
  systemInstruction?: Content;
  tools?: Tool[];
  toolConfig?: ToolConfig;
  safetySettings?: SafetySetting[];
  generationConfig?: GenerationConfig;
  labels?: Record<string, string>;
  serviceTier?: ServiceTier;
  store?: boolean;
}>;`,
};

/** What OpenRouter and other hosts have added to Chat (their API references); OpenAI's types know nothing of it. */
const ADDED = [
  "reasoning",
  "top_k",
  "min_p",
  "top_a",
  "repetition_penalty",
  "cache_control",
  "reasoning_details",
  "reasoning_content",
];

const without = (holder: Json): Json =>
  Object.fromEntries(Object.entries(holder).filter(([key]) => !ADDED.includes(key)));

/** A Chat request without what another host than OpenAI takes besides, to be held against OpenAI's types. */
export function withoutAdditions(body: Record<string, unknown>): Record<string, unknown> {
  const { messages, tools, ...rest }: Json = body;
  const plain = messages.map((message: Json) => {
    const { content } = message;
    const parts = Array.isArray(content) ? content.filter(({ type }) => type !== "video_url").map(without) : content;
    return { ...without(message), content: parts };
  });
  return { ...without(rest), messages: plain, ...(tools === undefined ? {} : { tools: tools.map(without) }) };
}

/** Long texts say nothing about types. */
const shortened = (_key: string, value: unknown): unknown =>
  typeof value === "string" && value.length > 120 ? value.slice(0, 120) : value;

/** What is wrong with the bodies, by the compiler: `name: message`, none when all are of their types. */
export async function typeErrors(bodies: readonly TypedBody[]): Promise<string[]> {
  const directory = join(ROOT, `.cache/request-types-${process.pid}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const names: Record<string, string[]> = {};
  for (const [dialect, preamble] of Object.entries(PREAMBLES)) {
    const known = new Map<string, string>();
    for (const one of bodies) if (one.dialect === dialect) known.set(JSON.stringify(one.body, shortened), one.name);
    // A body a line, after the preamble's: the line of an error names the body.
    const lines = [...known.keys()].map((body, at) => `export const request${at}: Request = ${body};`);
    const head = preamble.split("\n");
    names[`${dialect}.ts`] = [...head.map(() => "preamble"), ...known.values()];
    writeFileSync(join(directory, `${dialect}.ts`), [...head, ...lines].join("\n"));
  }
  const config = {
    compilerOptions: {
      target: "ES2024",
      module: "ESNext",
      moduleResolution: "bundler",
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
      lib: ["ES2024", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    },
    include: ["*.ts"],
  };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(config));
  const compiled = promisify(execFile)(
    process.execPath,
    [join(ROOT, "node_modules/typescript/lib/tsc.js"), "-p", "."],
    {
      cwd: directory,
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  const output = await compiled.then(
    ({ stdout }) => stdout,
    (error: { stdout?: string; message: string }) => error.stdout || error.message,
  );
  rmSync(directory, { recursive: true, force: true });
  return output.split(/\n(?=\S)/).flatMap((message) => {
    const found = /^(\S+\.ts)\((\d+),\d+\): (.*)$/s.exec(message);
    if (found === null) return message.trim() === "" ? [] : [message];
    const [, file = "", line = "", text = ""] = found;
    return [`${names[file]?.[Number(line) - 1]}: ${text.trim()}`];
  });
}
