import type { CustomTool, Grammar } from "../canonical/tool.ts";
import { type JsonObject, stringAt } from "../lib/json.ts";

/** A grammar as Responses spells it and, one level deeper, Chat; undefined for plain text and for anything else. */
export function readGrammar(value: unknown): Grammar | undefined {
  const syntax = stringAt(value, "syntax");
  const definition = stringAt(value, "definition");
  return syntax === undefined || definition === undefined ? undefined : { syntax, definition };
}

/**
 * The parameters of the function that stands for a tool of free text where there are only functions. A grammar can only be
 * told: nobody holds the model to it.
 */
export function freeTextParameters({ grammar }: CustomTool): JsonObject {
  const told = grammar === undefined ? "" : ` It must match this ${grammar.syntax} grammar:\n${grammar.definition}`;
  const description = `The tool's whole input, as free text.${told}`;
  return { type: "object", properties: { input: { type: "string", description } }, required: ["input"] };
}
