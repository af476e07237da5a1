import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { FIXTURES } from "../../fixtures/exchanges.ts";
import { endpoint, type RecordedRequest } from "../exchanges.ts";

/** A provider's answer, as its bytes. */
export interface ProviderAnswer {
  name: string;
  dialect: ChatDialectId;
  status: number;
  headers: Record<string, string>;
  /** How the bytes are framed; `array`: Gemini's stream as one JSON array. */
  framing: "whole" | "events" | "array";
  bytes: Uint8Array;
}

/** A client's request. */
export interface ClientRequest {
  name: string;
  dialect: ChatDialectId;
  body: Record<string, unknown>;
  /** What stands in the path where the dialect has it there. */
  model: string;
  stream: boolean;
  /** Its own provider has called it invalid. */
  refused: boolean;
}

interface IndexRow {
  path: string;
  dialect: string;
  model: string | null;
  stream?: boolean;
  status: number;
  response: string;
  features: string[];
}

const DIALECTS: Record<string, ChatDialectId> = {
  "openai-chat": "openai-chat",
  openrouter: "openai-chat",
  "openai-responses": "openai-responses",
  anthropic: "anthropic-messages",
  gemini: "google-generate-content",
};

/** Real provider traffic, when a folder of it is at hand; its layout is told in test/support/exchanges.ts. */
const directory = process.env.RECORDINGS ?? "";

const rows: IndexRow[] =
  directory !== "" && existsSync(join(directory, "index.json"))
    ? (JSON.parse(readFileSync(join(directory, "index.json"), "utf8")) as IndexRow[])
    : [];

const readJson = (...path: string[]): unknown => JSON.parse(readFileSync(join(directory, ...path), "utf8"));

const framingOf = (bytes: Uint8Array, stream: boolean, file: string): ProviderAnswer["framing"] => {
  if (file.endsWith(".sse")) return "events";
  return stream && new TextDecoder().decode(bytes.subarray(0, 64)).trimStart().startsWith("[") ? "array" : "whole";
};

function recordedAnswers(): ProviderAnswer[] {
  return rows.flatMap((row) => {
    const dialect = DIALECTS[row.dialect];
    if (dialect === undefined || isCount(row)) return [];
    const bytes = readFileSync(join(directory, row.path, row.response));
    const meta = readJson(row.path, "meta.json") as { response_headers?: Record<string, string> };
    const headers = Object.entries(meta.response_headers ?? {}).filter(([, value]) => typeof value === "string");
    return [
      {
        name: row.path,
        dialect,
        status: row.status,
        headers: Object.fromEntries(headers),
        framing: framingOf(bytes, row.stream === true, row.response),
        bytes,
      },
    ];
  });
}

const isCount = (row: IndexRow): boolean => row.features.includes("count-tokens");

function recordedRequests(): ClientRequest[] {
  return rows.flatMap((row) => {
    const dialect = DIALECTS[row.dialect];
    if (dialect === undefined || isCount(row) || !existsSync(join(directory, row.path, "request.json"))) return [];
    const request = readJson(row.path, "request.json") as RecordedRequest;
    const called = endpoint(row, request);
    const { body } = request;
    if (called?.operation !== "generate" || request.method === "GET") return [];
    if (typeof body !== "object" || body === null || Array.isArray(body)) return [];
    const stream = row.stream === true;
    const refused = [400, 404, 413, 422].includes(row.status);
    const named = { name: row.path, dialect, model: row.model ?? "m" };
    return [{ ...named, body: body as Record<string, unknown>, stream, refused }];
  });
}

const conversations = FIXTURES.filter(
  ({ dialect, operation }) => dialect !== "openai-embeddings" && operation === "generate",
);

const fixtureAnswers = (): ProviderAnswer[] =>
  conversations.map(({ name, dialect, status, contentType, stream, response }) => ({
    name,
    dialect: dialect as ChatDialectId,
    status,
    headers: { "content-type": contentType },
    framing: contentType.startsWith("text/event-stream") ? "events" : stream && status < 300 ? "array" : "whole",
    bytes: response,
  }));

const fixtureRequests = (): ClientRequest[] =>
  conversations.map(({ name, dialect, request, stream, status }) => ({
    name,
    dialect: dialect as ChatDialectId,
    body: JSON.parse(request) as Record<string, unknown>,
    model: "m",
    stream,
    refused: status === 400,
  }));

/** Some recordings are several answers in one file, put together by those who captured them. */
const isOneAnswer = ({ bytes }: ProviderAnswer): boolean =>
  (new TextDecoder().decode(bytes).match(/"type":\s*"(?:message_start|response\.created)"/g) ?? []).length < 2;

/** Every answer at hand: the project's own, and recorded ones. */
export const ANSWERS: ProviderAnswer[] = [...fixtureAnswers(), ...recordedAnswers().filter(isOneAnswer)];
/** Every request at hand. */
export const REQUESTS: ClientRequest[] = [...fixtureRequests(), ...recordedRequests()];
