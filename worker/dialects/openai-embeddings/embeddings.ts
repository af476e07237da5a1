import type { EmbeddingInput, EmbeddingsAnswer, EmbeddingsRequest, Vector } from "../../canonical/embeddings.ts";
import type { Losses } from "../../canonical/losses.ts";
import { GatewayError } from "../../errors.ts";
import { fromBase64, toPaddedBase64 } from "../../lib/encoding.ts";
import { arrayAt, countAt, isObject, type JsonObject } from "../../lib/json.ts";
import {
  checkDimensions,
  checkInputCount,
  type EmbeddingsCallOptions,
  type EmbeddingsCodec,
  type EmbeddingsNamed,
  emptyInput,
  isVector,
  numbers,
} from "../embeddings.ts";
import { compact, Fields } from "../fields.ts";
import { openaiFailure } from "../openai-failure.ts";
import { reportTree } from "../portability.ts";

type Content = EmbeddingInput["content"];

function decodeRequest(body: JsonObject, { model }: EmbeddingsNamed, losses: Losses): EmbeddingsRequest {
  const fields = new Fields(body, "");
  fields.take("model");
  const format = fields.string("encoding_format");
  if (format !== undefined && format !== "float" && format !== "base64") {
    throw new GatewayError("invalid_value", '\'encoding_format\' must be "float" or "base64".', {
      param: "encoding_format",
    });
  }
  const dimensions = checkDimensions(fields.number("dimensions"), "dimensions");
  const user = fields.string("user");
  const contents = readInput(fields.take("input"));
  checkInputCount(contents.length, "input");
  reportTree(fields.rest() ?? {}, "", {}, losses);
  const inputs = contents.map(
    ({ content, path }): EmbeddingInput => ({
      content,
      ...(dimensions === undefined ? {} : { dimensions }),
      path,
      dimensionsPath: "dimensions",
    }),
  );
  return {
    model,
    inputs,
    ...(user === undefined ? {} : { user }),
    ...(format === "base64" ? { float32: true } : {}),
  };
}

const isTokens = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => Number.isSafeInteger(one) && one >= 0);

/** A text, token numbers, or a list of either. */
function readInput(input: unknown): { content: Content; path: string }[] {
  const param = "input";
  if (input === undefined) {
    throw new GatewayError("missing_required_parameter", "'input' is required. Add it to the request body.", { param });
  }
  if (typeof input === "string") return [{ content: readOne(input, param), path: param }];
  if (!Array.isArray(input)) {
    throw new GatewayError("invalid_type", "'input' must be a text or an array of texts.", { param });
  }
  if (isTokens(input)) return [{ content: { kind: "tokens", tokens: input }, path: param }];
  // Counted before it is read: an array of millions is no request.
  checkInputCount(input.length, param);
  return input.map((one, index) => ({ content: readOne(one, `${param}[${index}]`), path: `${param}[${index}]` }));
}

function readOne(one: unknown, param: string): Content {
  if (one === "") throw emptyInput(param);
  if (typeof one === "string") return { kind: "text", text: one };
  if (isTokens(one)) return { kind: "tokens", tokens: one };
  throw new GatewayError("invalid_type", `'${param}' must be a text, or an array of token numbers.`, { param });
}

function encodeCall(inputs: readonly EmbeddingInput[], { model, dimensions, user }: EmbeddingsCallOptions) {
  const input = inputs.map(({ content }) => (content.kind === "text" ? content.text : content.tokens));
  // Said in full: hosts differ in what they send when nothing is asked for.
  return { body: compact({ model, input, dimensions, encoding_format: "float", user }) };
}

/** Little-endian float32. */
function fromFloats(base64: string): number[] | null {
  const bytes = fromBase64(base64.replace(/=+$/, ""));
  if (bytes === null || bytes.length === 0 || bytes.length % 4 !== 0) return null;
  const view = new DataView(bytes.buffer);
  const vector = Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(index * 4, true));
  return vector.every(Number.isFinite) ? vector : null;
}

function toFloats(vector: Vector): string {
  const bytes = new Uint8Array(vector.length * 4);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const value of vector) {
    view.setFloat32(at, value, true);
    at += 4;
  }
  return toPaddedBase64(bytes);
}

/** `data`, which may come in any order: `index` says whose each is. */
function decodeVectors(body: unknown): number[][] | null {
  const data = arrayAt(body, "data");
  const vectors: (number[] | undefined)[] = data.map(() => undefined);
  for (const [at, entry] of data.entries()) {
    if (!isObject(entry)) return null;
    const { embedding } = entry;
    const vector = typeof embedding === "string" ? fromFloats(embedding) : isVector(embedding) ? embedding : null;
    const index = countAt(entry, "index") ?? at;
    if (vector === null || index >= data.length || vectors[index] !== undefined) return null;
    vectors[index] = vector;
  }
  return vectors.every((vector) => vector !== undefined) ? vectors : null;
}

function* encodeAnswer(
  { model, vectors, usage }: EmbeddingsAnswer,
  _named: EmbeddingsNamed,
  body: JsonObject,
): Generator<string> {
  const base64 = body.encoding_format === "base64";
  yield '{"object":"list","data":[';
  for (const [index, vector] of vectors.entries()) {
    const embedding = base64 ? `"${toFloats(vector)}"` : numbers(vector);
    yield `${index === 0 ? "" : ","}{"object":"embedding","index":${index},"embedding":${embedding}}`;
  }
  const told = { prompt_tokens: usage.input.total, total_tokens: usage.input.total };
  yield `],"model":${JSON.stringify(model)},"usage":${JSON.stringify(told)}}`;
}

/** `POST /v1/embeddings` (OpenAI API reference, "Create embeddings"). */
export const openaiEmbeddingsCodec: EmbeddingsCodec = {
  id: "openai-embeddings",
  decodeRequest,
  // OpenAI takes 2,048, but prints each number on a line: a hundred of its longest vectors are 9 MB.
  callSize: 100,
  encodeCall,
  decodeVectors,
  leavesReducedVectors: false,
  decodeFailure: openaiFailure,
  encodeAnswer,
};
