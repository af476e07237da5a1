import type { Losses } from "../canonical/losses.ts";
import type { CustomTool, Grammar, ToolChoice } from "../canonical/tool.ts";
import { GatewayError } from "../errors.ts";
import { type JsonObject, stringAt } from "../lib/json.ts";
import type { ToolNames } from "./tool-names.ts";

/** A grammar as Responses spells it and, one level deeper, Chat; undefined for plain text and for anything else. */
export function readGrammar(value: unknown): Grammar | undefined {
  const syntax = stringAt(value, "syntax");
  const definition = stringAt(value, "definition");
  return syntax === undefined || definition === undefined ? undefined : { syntax, definition };
}

/**
 * The parameters of the function that stands for a tool of free text where there are only functions, which is noted. A
 * grammar can only be told: nobody holds the model to it, and a forced call would rely on that.
 */
export function emulateFreeText(
  tool: CustomTool,
  choice: ToolChoice | undefined,
  names: ToolNames,
  losses: Losses,
): JsonObject {
  const path = tool.source?.path ?? "tools";
  names.emulate(tool.name, tool.namespace);
  losses.add("tool_emulated", path);
  const { grammar } = tool;
  if (grammar === undefined) return freeTextParameters("");
  if (choice?.mode === "tool" && choice.name === tool.name) {
    const message = `'${path}': this model keeps to no grammar, and its call is forced. Leave the grammar out.`;
    throw new GatewayError("schema_unsupported", message, { param: path });
  }
  losses.add("schema_relaxed", path);
  return freeTextParameters(` It must match this ${grammar.syntax} grammar:\n${grammar.definition}`);
}

function freeTextParameters(told: string): JsonObject {
  const description = `The tool's whole input, as free text.${told}`;
  return { type: "object", properties: { input: { type: "string", description } }, required: ["input"] };
}
