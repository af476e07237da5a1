import { Failure } from "../failure.ts";
import type { OfferedTool, Question, Segment } from "../question.ts";
import { checkSeal } from "../seal.ts";
import { countTokens, MEDIA_TOKENS, MESSAGE_OVERHEAD } from "../tokens.ts";
import { given, isObject, type JsonObject, listOf, numberOf, objectOf, objectsOf, stringOf } from "../values.ts";

/** The fields Google's request messages have; it refuses the others by name. */
const FIELDS = {
  request: new Set(
    "model contents systemInstruction tools toolConfig safetySettings generationConfig cachedContent labels serviceTier store continuationToken".split(
      " ",
    ),
  ),
  generationConfig: new Set(
    `candidateCount stopSequences maxOutputTokens temperature topP topK seed responseMimeType responseSchema
    responseJsonSchema presencePenalty frequencyPenalty responseLogprobs logprobs enableEnhancedCivicAnswers
    speechConfig thinkingConfig imageConfig mediaResolution responseModalities audioTimestamp routingConfig
    modelSelectionConfig enableAffectiveDialog responseFormat audioTranscriptionConfig translationConfig`.split(/\s+/),
  ),
  content: new Set(["role", "parts"]),
  part: new Set(
    `text thought thoughtSignature inlineData fileData functionCall functionResponse executableCode codeExecutionResult
    videoMetadata mediaResolution partMetadata toolCall toolResponse`.split(/\s+/),
  ),
};

/** The issuer of Google's thought signatures, and the words that stand in for one. */
export const THOUGHT_SEAL = "google";
const SENTINELS = ["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"];

const refuse = (message: string, field?: string): Failure =>
  new Failure(400, { message, ...(field !== undefined && { field }) });

function checkFields(value: JsonObject, known: Set<string>, place: string): void {
  for (const name of Object.keys(value))
    if (!known.has(name))
      throw refuse(
        `Invalid JSON payload received. Unknown name "${name}"${place === "" ? "" : ` at '${place}'`}: Cannot find field.`,
        place,
      );
}

const isSentinel = (signature: string): boolean =>
  SENTINELS.includes(signature) || SENTINELS.includes(Buffer.from(signature, "base64").toString());

/** The contents of one role that begin at `index`. */
function turnFrom(contents: JsonObject[], index: number): JsonObject[] {
  const end = contents.findIndex((content, at) => at > index && content.role !== contents[index]?.role);
  return contents.slice(index, end < 0 ? undefined : end);
}

function checkContents(contents: JsonObject[], model: string): void {
  const turnStart = contents.findLastIndex(
    (content) => content.role !== "model" && objectsOf(content.parts).some((part) => "text" in part),
  );
  for (const [index, content] of contents.entries()) {
    checkFields(content, FIELDS.content, `contents[${index}]`);
    if (given(content.role) && content.role !== "user" && content.role !== "model" && content.role !== "function")
      throw refuse("Please use a valid role: user, model.");
    const parts = objectsOf(content.parts);
    if (parts.length === 0)
      throw refuse(`* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.\n`);
    for (const [at, part] of parts.entries()) {
      checkFields(part, FIELDS.part, `contents[${index}].parts[${at}]`);
      const signature = stringOf(part.thoughtSignature);
      if (signature !== "" && !isSentinel(signature) && checkSeal(THOUGHT_SEAL, signature, "") === "foreign")
        throw refuse("Corrupted thought signature.");
      if (Object.keys(part).every((name) => name === "thought"))
        throw refuse(
          `* GenerateContentRequest.contents[${index}].parts[${at}].data: required oneof field 'data' must have one initialized field\n`,
        );
    }
    // Neighbouring contents of one role are one turn: the official SDK keeps a streamed answer piece by piece.
    if (content.role === "model" && contents[index - 1]?.role === "model") continue;
    const turn = turnFrom(contents, index);
    const calls = turn.flatMap((one) => objectsOf(one.parts)).filter((part) => isObject(part.functionCall));
    if (calls.length === 0) continue;
    if (/^gemini-[3-9]/.test(model) && index > turnStart && stringOf(calls[0]?.thoughtSignature) === "")
      throw refuse(
        `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${stringOf(objectOf(calls[0]?.functionCall).name)}\` , position ${index + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`,
      );
    const responses = objectsOf(contents[index + turn.length]?.parts).filter((part) => isObject(part.functionResponse));
    if (responses.length !== calls.length)
      throw refuse(
        "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
      );
  }
}

/** The text that is not thought. */
function contentText(content: unknown): string {
  return objectsOf(objectOf(content).parts)
    .filter((part) => part.thought !== true)
    .map((part) => stringOf(part.text))
    .join("");
}

function countPart(part: JsonObject): number {
  if ("text" in part) return countTokens(stringOf(part.text));
  const call = part.functionCall ?? part.functionResponse;
  if (isObject(call))
    return countTokens(stringOf(call.name)) + countTokens(JSON.stringify(call.args ?? call.response ?? {}));
  return MEDIA_TOKENS;
}

function segmentOf(content: JsonObject): Segment {
  const parts = objectsOf(content.parts);
  return {
    text: JSON.stringify(content),
    tokens: parts.reduce((sum, part) => sum + countPart(part), MESSAGE_OVERHEAD),
  };
}

function offeredTools(tools: unknown): OfferedTool[] {
  return objectsOf(tools)
    .flatMap((tool) => objectsOf(tool.functionDeclarations))
    .map((one) => ({
      name: stringOf(one.name),
      schema: { type: "object", ...objectOf(one.parametersJsonSchema ?? one.parameters) },
      freeform: false,
    }));
}

function toolChoiceOf(body: JsonObject): Question["toolChoice"] {
  const config = objectOf(objectOf(body.toolConfig).functionCallingConfig);
  const names = listOf(config.allowedFunctionNames).map(stringOf);
  if (config.mode === "NONE") return { mode: "none", names: null };
  return { mode: config.mode === "ANY" ? "required" : "auto", names: names.length === 0 ? null : names };
}

function resultTexts(contents: JsonObject[]): string[] {
  const parts = objectsOf(contents.at(-1)?.parts);
  return parts.flatMap((part) => {
    if (!isObject(part.functionResponse)) return [];
    const response = objectOf(part.functionResponse.response);
    const told = response.output ?? response.result ?? response.error ?? response.content;
    return [typeof told === "string" ? told : JSON.stringify(response)];
  });
}

/** What the answer to a generateContent body depends on. */
export interface GenerateRequest {
  question: Question;
  includeThoughts: boolean;
}

/** Reads a generateContent body (keys in camelCase already); throws Google's 400s. */
export function readGenerate(body: JsonObject, model: string): GenerateRequest {
  checkFields(body, FIELDS.request, "");
  const config = objectOf(body.generationConfig);
  checkFields(config, FIELDS.generationConfig, "generation_config");
  const contents = objectsOf(body.contents);
  if (contents.length === 0) throw refuse("* GenerateContentRequest.contents: contents is not specified\n");
  checkContents(contents, model);
  const thinking = objectOf(config.thinkingConfig);
  if (given(thinking.thinkingLevel) && given(thinking.thinkingBudget))
    throw refuse("You can only set only one of thinking budget and thinking level.");
  const temperature = numberOf(config.temperature);
  if (temperature !== null && (temperature < 0 || temperature > 2))
    throw refuse(
      `* GenerateContentRequest.generation_config.temperature: temperature must be in the range [0.0, 2.0].\n`,
    );
  const stop = listOf(config.stopSequences).map(stringOf);
  if (stop.length > 5)
    throw refuse(
      "* GenerateContentRequest.generation_config.stop_sequences: the number of stop sequences must be at most 5.\n",
    );
  if (given(body.cachedContent)) throw new Failure(403, { message: "CachedContent not found (or permission denied)" });

  const tools: Segment[] = objectsOf(body.tools).map((tool) => {
    const text = JSON.stringify(tool);
    return { text, tokens: countTokens(text) };
  });
  const system = isObject(body.systemInstruction) ? [segmentOf(body.systemInstruction)] : [];
  const schema = config.responseJsonSchema ?? config.responseSchema;
  const asksJson = config.responseMimeType === "application/json" || given(schema);
  return {
    question: {
      segments: [...tools, ...system, ...contents.map(segmentOf)],
      userText: contentText(contents.findLast((content) => content.role !== "model" && contentText(content) !== "")),
      toolResults: resultTexts(contents),
      tools: offeredTools(body.tools),
      toolChoice: toolChoiceOf(body),
      parallel: true,
      format: asksJson ? { type: "json", schema: isObject(schema) ? schema : null } : { type: "text" },
      thinking:
        given(thinking.thinkingLevel) || thinking.includeThoughts === true
          ? thinking.thinkingBudget !== 0
          : given(thinking.thinkingBudget) && thinking.thinkingBudget !== 0,
      maxOutput: numberOf(config.maxOutputTokens),
      stop,
      candidates: Math.min(8, Math.max(1, numberOf(config.candidateCount) ?? 1)),
    },
    includeThoughts: thinking.includeThoughts === true,
  };
}
