import { filesOf, functionsOf, hasOtherTools, onlyQuestion, partsOf, systemOf, turnsOf } from "./request-parts.ts";
import type { ChatRequest, Client } from "./target.ts";
import { Expression, imports, leftOut, script, scriptKey } from "./write.ts";

/** Chat by the AI SDK, with its provider for OpenAI. */
export const aiSdk: Client = {
  id: "ai-sdk",
  name: "AI SDK",
  file: "hello.mjs",
  code({ router, key, model, request }) {
    const files = filesOf(request);
    const hasTools = functionsOf(request).length > 0;
    const call = request.stream ? "streamText" : "generateText";
    const used = [
      call,
      ...(hasTools || request.response_format ? ["jsonSchema"] : []),
      ...(request.response_format ? ["Output"] : []),
      ...(hasTools ? ["tool"] : []),
    ];
    const options = { model: new Expression(`gaia.chat(${JSON.stringify(model)})`), ...optionsOf(request) };
    const answer = hasTools ? "toolCalls, text" : "text";
    return `${leftOut("//", [
      hasOtherTools(request) && "tools other than functions",
      request.modalities !== undefined && "modalities",
    ])}${imports(
      [
        `import { createOpenAI } from "@ai-sdk/openai";`,
        `import { ${used.sort((left, right) => left.localeCompare(right)).join(", ")} } from "ai";`,
      ],
      files.size > 0,
    )}
const gaia = createOpenAI(${script({ baseURL: `${router}/v1`, apiKey: scriptKey(key) })});

${
  request.stream
    ? `const { textStream${hasTools ? ", toolCalls" : ""} } = streamText(${script(options)});

for await (const text of textStream) process.stdout.write(text);${hasTools ? "\nconsole.log(await toolCalls);" : ""}`
    : `const { ${answer} } = await generateText(${script(options)});

console.log(${answer});`
}`;
  },
};

function optionsOf(request: ChatRequest): Record<string, unknown> {
  const files = filesOf(request);
  const { reasoning_effort: effort, response_format: format, max_completion_tokens: most } = request;
  const question = onlyQuestion(request);
  const messages = turnsOf(request).map((turn) => ({
    role: turn.role,
    content: partsOf<object>(turn, files, {
      text: (text) => ({ type: "text", text }),
      file: ({ name, type }, part) => ({
        type: "file",
        mediaType: type,
        data: new Expression(`read("${name}")`),
        filename: part.type === "file" ? part.file.filename : undefined,
      }),
    }),
  }));
  const tools = functionsOf(request).map(({ name, description, parameters, strict }) => [
    name,
    new Expression("tool", {
      ...{ description, strict },
      inputSchema: new Expression("jsonSchema", parameters ?? { type: "object", properties: {} }),
    }),
  ]);
  return {
    instructions: systemOf(request),
    ...(question === undefined ? { messages } : { prompt: question }),
    temperature: request.temperature,
    topP: request.top_p,
    tools: tools.length > 0 ? Object.fromEntries(tools) : undefined,
    output:
      format &&
      new Expression("Output.object", {
        name: format.json_schema.name,
        schema: new Expression("jsonSchema", format.json_schema.schema),
      }),
    // `maxOutputTokens` becomes a name of the cap that OpenAI's newer models refuse.
    providerOptions: (effort || most) && { openai: { reasoningEffort: effort, maxCompletionTokens: most } },
  };
}
