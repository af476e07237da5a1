import { filesOf, functionsOf, hasOtherTools, onlyQuestion, partsOf, systemOf, turnsOf } from "./request-parts.ts";
import type { ChatRequest, Client } from "./target.ts";
import { Expression, imports, leftOut, script, scriptKey } from "./write.ts";

/** Gemini's own names have no provider before them. */
const bare = (model: string): string => model.replace(/^google\//, "");

/** `generateContent` by Google's SDK. */
export const gemini: Client = {
  id: "gemini",
  name: "Gemini",
  file: "hello.mjs",
  code({ router, key, model, request }) {
    const body = { model: bare(model), contents: contentsOf(request), config: configOf(request) };
    const shown = request.tools === undefined ? "text" : "candidates";
    return `${leftOut("//", [hasOtherTools(request) && "tools other than functions"])}${imports(
      [`import { GoogleGenAI } from "@google/genai";`],
      filesOf(request).size > 0,
    )}
const client = new GoogleGenAI(${script({ apiKey: scriptKey(key), httpOptions: { baseUrl: router } })});

${
  request.stream
    ? `const chunks = await client.models.generateContentStream(${script(body)});

for await (const chunk of chunks) ${
        shown === "text"
          ? `process.stdout.write(chunk.text ?? "");`
          : "console.log(JSON.stringify(chunk.candidates?.[0]?.content));"
      }`
    : `const response = await client.models.generateContent(${script(body)});

console.log(response.${shown});`
}`;
  },
};

function contentsOf(request: ChatRequest): unknown {
  const files = filesOf(request);
  return (
    onlyQuestion(request) ??
    turnsOf(request).map((turn) => ({
      role: turn.role === "assistant" ? "model" : "user",
      parts: partsOf<object>(turn, files, {
        text: (text) => ({ text }),
        file: ({ name, type }) => ({ inlineData: { mimeType: type, data: new Expression(`read("${name}")`) } }),
      }),
    }))
  );
}

/** The levels Gemini has. */
const LEVELS: Record<string, string> = {
  ...{ minimal: "MINIMAL", low: "LOW", medium: "MEDIUM", high: "HIGH", xhigh: "XHIGH", max: "XHIGH" },
};

function configOf(request: ChatRequest): object | undefined {
  const { reasoning_effort: effort, response_format: format } = request;
  const functions = functionsOf(request).map(({ name, description, parameters }) => ({
    ...{ name, description },
    parametersJsonSchema: parameters,
  }));
  const config = {
    systemInstruction: systemOf(request),
    temperature: request.temperature,
    topP: request.top_p,
    maxOutputTokens: request.max_completion_tokens,
    responseModalities: request.modalities?.map((one) => one.toUpperCase()),
    thinkingConfig: effort && (effort === "none" ? { thinkingBudget: 0 } : { thinkingLevel: LEVELS[effort] }),
    tools: functions.length > 0 ? [{ functionDeclarations: functions }] : undefined,
    ...(format && { responseMimeType: "application/json", responseJsonSchema: format.json_schema.schema }),
  };
  return Object.values(config).some((value) => value !== undefined) ? config : undefined;
}
