import type { EmbeddingInput, EmbeddingsAnswer, EmbeddingsRequest } from "../../canonical/embeddings.ts";
import type { Losses } from "../../canonical/losses.ts";
import { GatewayError } from "../../errors.ts";
import { arrayAt, type JsonObject } from "../../lib/json.ts";
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
import { type Portability, reportTree, silent } from "../portability.ts";
import { decodeFailure } from "./failure.ts";

const BATCH = "batchEmbedContents";

/** Every content has a role, which means nothing here. */
const PORTABILITY: Portability = { "content.role": silent, "requests[].content.role": silent };

function decodeRequest(body: JsonObject, named: EmbeddingsNamed, losses: Losses): EmbeddingsRequest {
  const fields = new Fields(body, "", true);
  if (named.method !== BATCH) return { model: named.model, inputs: [decodeOne(fields, named.model, losses)] };
  const requests = fields.array("requests") ?? [];
  checkInputCount(requests.length, "requests");
  const inputs = fields
    .objects("requests")
    .map(({ object, path }) => decodeOne(new Fields(object, path, true), named.model, losses));
  fields.take("model");
  reportTree(fields.rest() ?? {}, "", PORTABILITY, losses);
  return { model: named.model, inputs };
}

/** An EmbedContentRequest, alone or one of a batch. */
function decodeOne(fields: Fields, model: string, losses: Losses): EmbeddingInput {
  checkModel(fields, model);
  const content = fields.nested("content");
  if (content === undefined) {
    const param = fields.at("content");
    throw new GatewayError("missing_required_parameter", `'${param}' is required. Add it to the request body.`, {
      param,
    });
  }
  const text = textOf(content, losses);
  // Newer models take their options in an object of their own.
  const options = fields.nested("embedContentConfig");
  const own = fields.number("outputDimensionality");
  const dimensionsPath =
    own === undefined && options !== undefined ? options.at("outputDimensionality") : fields.at("outputDimensionality");
  const dimensions = checkDimensions(own ?? options?.number("outputDimensionality"), dimensionsPath);
  reportTree(fields.rest() ?? {}, fields.path, PORTABILITY, losses);
  return {
    content: { kind: "text", text },
    ...(dimensions === undefined ? {} : { dimensions }),
    path: fields.at("content"),
    dimensionsPath,
  };
}

/** The address names the model; a body that names another would be believed by its writer. */
function checkModel(fields: Fields, model: string): void {
  const named = fields.string("model");
  if (named === undefined || named === model || named === `models/${model}`) return;
  const param = fields.at("model");
  throw new GatewayError("invalid_value", `'${param}' names another model than the address. Name the same, or none.`, {
    param,
  });
}

/** The content's texts, one to a line; other kinds of content have no place in other dialects. */
function textOf(content: Fields, losses: Losses): string {
  const parts = content.objects("parts").map(({ object, path }) => {
    const part = new Fields(object, path, true);
    const text = part.string("text");
    const kind = Object.keys(object).find((key) => key !== "text");
    if (text === undefined && kind !== undefined) {
      const message = `'${path}.${kind}': this model embeds text only. Leave it out.`;
      throw new GatewayError("modality_unsupported", message, { param: `${path}.${kind}` });
    }
    reportTree(part.rest() ?? {}, path, {}, losses);
    return text ?? "";
  });
  if (parts.length > 1) losses.add("part_converted", content.at("parts"));
  const text = parts.join("\n");
  if (text.trim() === "") throw emptyInput(content.at("parts"));
  return text;
}

function encodeCall(inputs: readonly EmbeddingInput[], { model, dimensions }: EmbeddingsCallOptions) {
  const requests = inputs.map(({ content, path }) => {
    if (content.kind === "tokens") {
      const message = `'${path}' holds token numbers, which mean nothing to this model. Send the text itself.`;
      throw new GatewayError("token_input_unsupported", message, { param: path });
    }
    return compact({
      model: `models/${model}`,
      content: { parts: [{ text: content.text }] },
      outputDimensionality: dimensions,
    });
  });
  return { method: BATCH, body: { requests } };
}

function decodeVectors(body: unknown): number[][] | null {
  const vectors = arrayAt(body, "embeddings").map((embedding) => arrayAt(embedding, "values"));
  return vectors.every(isVector) ? vectors : null;
}

function* encodeAnswer({ vectors, usage }: EmbeddingsAnswer, { method }: EmbeddingsNamed): Generator<string> {
  const batch = method === BATCH;
  yield batch ? '{"embeddings":[' : '{"embedding":';
  for (const [index, vector] of vectors.entries()) yield `${index === 0 ? "" : ","}{"values":${numbers(vector)}}`;
  const tokens = usage.input.total;
  const told = { promptTokenCount: tokens, promptTokenDetails: [{ modality: "TEXT", tokenCount: tokens }] };
  yield `${batch ? "]" : ""},"usageMetadata":${JSON.stringify(told)}}`;
}

/** `:embedContent` and `:batchEmbedContents` (google.ai.generativelanguage.v1beta). */
export const googleEmbeddingsCodec: EmbeddingsCodec = {
  id: "google-generate-content",
  decodeRequest,
  // Google's own limit on a batch.
  callSize: 100,
  encodeCall,
  decodeVectors,
  leavesReducedVectors: true,
  decodeFailure,
  encodeAnswer,
};
