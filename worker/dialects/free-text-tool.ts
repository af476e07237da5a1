import type { JsonObject } from "../lib/json.ts";

/** The parameters of the function that stands for a tool of free text where there are only functions. */
export const FREE_TEXT: JsonObject = {
  type: "object",
  properties: { input: { type: "string", description: "The tool's whole input, as free text." } },
  required: ["input"],
};
