import type { Losses } from "../canonical/losses.ts";
import type { CustomTool, ToolChoice } from "../canonical/tool.ts";
import { GatewayError } from "../errors.ts";
import type { JsonObject } from "../lib/json.ts";
import type { ToolNames } from "./tool-names.ts";

/** The parameters of the function that stands for a tool of free text where there are only functions. */
export const FREE_TEXT: JsonObject = {
  type: "object",
  properties: { input: { type: "string", description: "The tool's whole input, as free text." } },
  required: ["input"],
};

/** Notes that a tool of free text becomes a function. Its grammar cannot be kept: a forced call would rely on it. */
export function emulateFreeText(
  tool: CustomTool,
  choice: ToolChoice | undefined,
  names: ToolNames,
  losses: Losses,
): void {
  const path = tool.source?.path ?? "tools";
  names.emulate(tool.name, tool.namespace);
  losses.add("tool_emulated", path);
  if (tool.format === undefined || tool.format.type === "text") return;
  if (choice?.mode === "tool" && choice.name === tool.name) {
    const message = `'${path}': this model keeps to no grammar, and its call is forced. Leave the grammar out.`;
    throw new GatewayError("schema_unsupported", message, { param: path });
  }
  losses.add("schema_relaxed", path);
}
