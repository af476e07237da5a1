import { Failure } from "../failure.ts";
import { countTokens } from "../tokens.ts";
import { type JsonObject, numberOf, objectOf, objectsOf, stringOf } from "../values.ts";
import { embed, toNumbers } from "../vectors.ts";

const USUAL_DIMENSIONS = 3_072;
const MAXIMUM_BATCH = 100;

function one(request: JsonObject): { values: number[]; tokens: number } {
  const text = objectsOf(objectOf(request.content).parts)
    .map((part) => stringOf(part.text))
    .join("\n");
  if (text === "") throw new Failure(400, { message: "content is empty" });
  const options = objectOf(request.embedContentConfig);
  const dimensions =
    numberOf(request.outputDimensionality) ?? numberOf(options.outputDimensionality) ?? USUAL_DIMENSIONS;
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > USUAL_DIMENSIONS)
    throw new Failure(400, {
      message: `* EmbedContentRequest.output_dimensionality: output_dimensionality must be in the range [1, ${USUAL_DIMENSIONS}].\n`,
    });
  return { values: toNumbers(embed(text, dimensions)), tokens: countTokens(text) };
}

const usageOf = (tokens: number): JsonObject => ({
  promptTokenCount: tokens,
  promptTokenDetails: [{ modality: "TEXT", tokenCount: tokens }],
});

/** `embedContent`: one vector and the tokens it bills. */
export function embedContent(body: JsonObject): { body: JsonObject; usage: JsonObject; tokens: number } {
  const { values, tokens } = one(body);
  return { body: { embedding: { values } }, usage: usageOf(tokens), tokens };
}

/** `batchEmbedContents`: a vector for each request, in order. */
export function batchEmbedContents(body: JsonObject): { body: JsonObject; usage: JsonObject; tokens: number } {
  const requests = objectsOf(body.requests);
  if (requests.length === 0)
    throw new Failure(400, { message: "* BatchEmbedContentsRequest.requests: at least one request is required\n" });
  if (requests.length > MAXIMUM_BATCH)
    throw new Failure(400, {
      message: `* BatchEmbedContentsRequest.requests: at most ${MAXIMUM_BATCH} requests can be in one batch\n`,
    });
  const results = requests.map(one);
  const tokens = results.reduce((sum, result) => sum + result.tokens, 0);
  return { body: { embeddings: results.map(({ values }) => ({ values })) }, usage: usageOf(tokens), tokens };
}
