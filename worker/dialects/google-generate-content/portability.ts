import { type Portability, refuse, silent, warn } from "../portability.ts";

const elsewhere = (what: string) => refuse("state_unsupported", `${what} exist at Google only. Leave it out.`);

/** Fields of generateContent that no other dialect has, in the one of proto JSON's spellings. */
export const portability: Portability = {
  cachedContent: elsewhere("cached contents"),
  continuationToken: elsewhere("continuations"),
  model: silent,
  "systemInstruction.role": silent,
  "contents[].parts[].partMetadata": silent,
  "contents[].parts[].functionCall.willContinue": silent,
  modelArmorConfig: refuse("unsupported_parameter", "no other provider screens by these templates. Leave it out."),
  "generationConfig.responseMimeType": refuse(
    "schema_unsupported",
    "other models answer in text or in JSON. Ask for 'application/json'.",
  ),
  "generationConfig.imageConfig": warn(),
  // Kinds of search are told by empty objects.
  "tools[].googleSearch.searchTypes": warn(),
};
