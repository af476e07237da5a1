import { arrayAt, countAt, isObject, type JsonObject, objectAt, textOf } from "../../lib/json.ts";
import type { RequestContext, RequestFacts } from "../dialect.ts";
import { refuseRouting, requireNonEmptyArray, requirePresent } from "../validation.ts";

const either = (body: JsonObject, camel: string, snake: string): unknown => body[camel] ?? body[snake];

/** Proto JSON accepts both spellings; a request may use either. */
function config(body: JsonObject): JsonObject {
  return objectAt(body, "generationConfig") ?? objectAt(body, "generation_config") ?? {};
}

/** A list, or its only element: Google takes both. */
function requireContents(body: JsonObject): void {
  if (!isObject(body.contents)) requireNonEmptyArray(body, "contents");
}

function requireContent(body: JsonObject, operation: RequestContext["operation"]): void {
  switch (operation) {
    case "generate":
      requireContents(body);
      return;
    case "count_tokens":
      if (either(body, "generateContentRequest", "generate_content_request") === undefined) requireContents(body);
      return;
    case "embed":
      if (body.requests === undefined) requirePresent(body, "content");
      else requireNonEmptyArray(body, "requests");
      return;
  }
}

/** Proto JSON takes a number in quotes, too. */
function candidatesOf(value: unknown): number {
  const count = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return countAt({ count }, "count") ?? 1;
}

/** Reads a request of the generateContent family. Model and streaming stand in the path. */
export function readRequest(body: JsonObject, context: RequestContext): RequestFacts {
  requireContent(body, context.operation);
  refuseRouting(body);
  const generation = config(body);
  const thinking = objectAt(generation, "thinkingConfig") ?? objectAt(generation, "thinking_config");
  const modalities = generation.responseModalities ?? generation.response_modalities;
  return {
    stream: context.stream ?? false,
    wantsUsage: true,
    outputCap: countAt(generation, "maxOutputTokens") ?? countAt(generation, "max_output_tokens") ?? null,
    candidates: candidatesOf(either(generation, "candidateCount", "candidate_count")),
    media: arrayAt({ modalities }, "modalities").some((modality) => /^(image|audio|video)$/i.test(textOf(modality))),
    endUser: null,
    session: null,
    toolsWithReasoning: arrayAt(body, "tools").length > 0 && thinking?.thinkingBudget !== 0,
  };
}
