import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A provider exchange to be replayed: the request a client sends, and the answer the provider gives, byte for byte. */
export interface Exchange {
  name: string;
  /** Prefix of the model name at the gateway. */
  provider: "openai" | "anthropic" | "google" | "openrouter";
  /** The model that answered it, where one is known: rules that go by a model's name hold in its replay too. */
  model?: string;
  dialect: "openai-chat" | "openai-responses" | "anthropic-messages" | "google-generate-content" | "openai-embeddings";
  operation: "generate" | "count_tokens" | "embed";
  /** Path of the endpoint at the gateway below its version; `{model}` for Gemini. */
  path: string;
  headers: Record<string, string>;
  /** JSON text whose top-level `model` (where the dialect has one) is replaced for the replay. */
  request: string;
  stream: boolean;
  status: number;
  contentType: string;
  response: Uint8Array;
}

interface IndexRow {
  path: string;
  model: string | null;
  dialect: string;
  stream?: boolean;
  status: number;
  response: string;
  features: string[];
}

export interface RecordedRequest {
  method?: string;
  path?: string;
  headers?: Record<string, unknown>;
  body?: unknown;
}

const PROVIDERS: Record<string, Exchange["provider"]> = {
  "openai-chat": "openai",
  "openai-responses": "openai",
  anthropic: "anthropic",
  gemini: "google",
  openrouter: "openrouter",
  embeddings: "openai",
};

/** The body as it is spelled in the recording's file, not re-serialised. */
function spelledBody(text: string): string | null {
  const start = /\n "body": /.exec(text);
  if (start === null) return null;
  const body = text.slice(start.index + start[0].length).replace(/\s*\}\s*$/, "");
  try {
    JSON.parse(body);
    return body;
  } catch {
    return null;
  }
}

export function endpoint(
  row: Pick<IndexRow, "dialect" | "features">,
  request: RecordedRequest,
): Pick<Exchange, "dialect" | "operation" | "path"> | null {
  const [path = "", query = ""] = (request.path ?? "").split("?");
  const beta = query === "beta=true" ? "?beta=true" : "";
  const counts = row.features.includes("count-tokens");
  switch (row.dialect) {
    case "openai-chat":
    case "openrouter":
      return { dialect: "openai-chat", operation: "generate", path: "/chat/completions" };
    case "openai-responses":
      return { dialect: "openai-responses", operation: "generate", path: "/responses" };
    case "anthropic":
      return counts
        ? { dialect: "anthropic-messages", operation: "count_tokens", path: `/messages/count_tokens${beta}` }
        : { dialect: "anthropic-messages", operation: "generate", path: `/messages${beta}` };
    case "gemini": {
      const method = path.slice(path.lastIndexOf(":") + 1);
      const operation = method === "countTokens" ? "count_tokens" : /embed/i.test(method) ? "embed" : "generate";
      const sse = query.includes("alt=sse") ? "?alt=sse" : "";
      return { dialect: "google-generate-content", operation, path: `/models/{model}:${method}${sse}` };
    }
    case "embeddings":
      return path.endsWith("/embeddings")
        ? { dialect: "openai-embeddings", operation: "embed", path: "/embeddings" }
        : null;
    default:
      return null;
  }
}

/** Every recorded exchange below `directory` (one with an `index.json`) that has a request to send. */
export function loadRecordings(directory: string): Exchange[] {
  const index = JSON.parse(readFileSync(join(directory, "index.json"), "utf8")) as IndexRow[];
  const exchanges: Exchange[] = [];
  for (const row of index) {
    const file = join(directory, row.path, "request.json");
    const provider = PROVIDERS[row.dialect];
    if (provider === undefined || !existsSync(file)) continue;
    const text = readFileSync(file, "utf8");
    const recorded = JSON.parse(text) as RecordedRequest;
    const body = recorded.body === null || recorded.body === undefined ? null : spelledBody(text);
    const called = endpoint(row, recorded);
    if (body === null || called === null || recorded.method === "GET") continue;
    const meta = JSON.parse(readFileSync(join(directory, row.path, "meta.json"), "utf8")) as {
      response_headers?: Record<string, string>;
    };
    const headers: Record<string, string> = {};
    for (const name of ["anthropic-version", "anthropic-beta"]) {
      const value = recorded.headers?.[name];
      if (typeof value === "string" && value !== "<stripped>") headers[name] = value;
    }
    const contentType = Object.entries(meta.response_headers ?? {}).find(([name]) => /^content-type$/i.test(name))?.[1];
    exchanges.push({
      name: row.path,
      provider,
      ...(row.model ? { model: row.model } : {}),
      ...called,
      headers,
      request: body,
      stream: row.stream === true,
      status: row.status,
      contentType: contentType ?? (row.response.endsWith(".sse") ? "text/event-stream" : "application/json"),
      response: readFileSync(join(directory, row.path, row.response)),
    });
  }
  return exchanges;
}
