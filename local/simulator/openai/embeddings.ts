import { Failure } from "../failure.ts";
import { countTokens } from "../tokens.ts";
import { type JsonObject, listOf, numberOf, stringOf } from "../values.ts";
import { embed, toBase64, toNumbers } from "../vectors.ts";

const DIMENSIONS: Record<string, number> = { "text-embedding-3-large": 3_072 };
const USUAL_DIMENSIONS = 1_536;
const MAXIMUM_INPUTS = 2_048;

const invalid = (message: string, param: string): Failure => new Failure(400, { message, param });

/** The inputs as text with their tokens: strings, or token numbers of which each is one token. */
function inputsOf(input: unknown): { text: string; tokens: number }[] {
  const ofTokens = (tokens: unknown[]) => ({ text: tokens.join(" "), tokens: tokens.length });
  const ofText = (text: string) => ({ text, tokens: countTokens(text) });
  if (typeof input === "string" && input !== "") return [ofText(input)];
  const list = listOf(input);
  if (list.length > 0 && list.every((one) => typeof one === "number")) return [ofTokens(list)];
  if (list.length > 0 && list.every((one) => typeof one === "string" && one !== ""))
    return list.map((one) => ofText(stringOf(one)));
  if (list.length > 0 && list.every((one) => Array.isArray(one) && one.length > 0))
    return list.map((one) => ofTokens(listOf(one)));
  throw invalid(
    "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference.",
    "input",
  );
}

/** An OpenAI embeddings answer and the tokens it bills. */
export function embeddings(body: JsonObject, model: string): { body: JsonObject; tokens: number } {
  const inputs = inputsOf(body.input);
  if (inputs.length > MAXIMUM_INPUTS)
    throw invalid(
      `Invalid 'input': array too long. Expected an array with maximum length ${MAXIMUM_INPUTS}, but got an array with length ${inputs.length} instead.`,
      "input",
    );
  const largest = DIMENSIONS[model] ?? USUAL_DIMENSIONS;
  const dimensions = numberOf(body.dimensions) ?? largest;
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > largest)
    throw invalid(`Invalid value for 'dimensions' = ${dimensions}. Must be between 1 and ${largest}.`, "dimensions");
  const base64 = body.encoding_format === "base64";
  let tokens = 0;
  const data = inputs.map((input, index) => {
    tokens += input.tokens;
    const vector = embed(input.text, dimensions);
    return { object: "embedding", index, embedding: base64 ? toBase64(vector) : toNumbers(vector) };
  });
  return { body: { object: "list", data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } }, tokens };
}
