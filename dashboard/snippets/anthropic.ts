import { filesOf, functionsOf, hasOtherTools, onlyQuestion, partsOf, systemOf, turnsOf } from "./request-parts.ts";
import type { ChatRequest, Client } from "./target.ts";
import { Expression, imports, leftOut, script, scriptKey } from "./write.ts";

/** What an answer may be long where nobody said so: Messages wants it said. */
const MOST_TOKENS = 4096;

/** Messages by Anthropic's SDK. */
export const anthropic: Client = {
  id: "anthropic",
  name: "Anthropic",
  file: "hello.mjs",
  code({ router, key, model, request }) {
    const body = { model, ...messagesBody(request) };
    return `${leftOut("//", [
      hasOtherTools(request) && "tools other than functions",
      request.modalities !== undefined && "modalities",
    ])}${imports([`import Anthropic from "@anthropic-ai/sdk";`], filesOf(request).size > 0)}
const client = new Anthropic(${script({ baseURL: router, apiKey: scriptKey(key) })});

${
  request.stream
    ? `const stream = client.messages.stream(${script(body)});
stream.on("text", (text) => process.stdout.write(text));
${request.tools === undefined ? "await stream.finalMessage();" : "console.log((await stream.finalMessage()).content);"}`
    : `const message = await client.messages.create(${script(body)});

console.log(message.content);`
}`;
  },
};

function messagesBody(request: ChatRequest): Record<string, unknown> {
  const files = filesOf(request);
  const { reasoning_effort: effort, response_format: format } = request;
  const tools = functionsOf(request).map(({ name, description, parameters, strict }) => ({
    ...{ name, description, strict },
    input_schema: parameters ?? { type: "object", properties: {} },
  }));
  const isOff = effort === "none";
  const output = {
    effort: isOff ? undefined : effort,
    format: format && { type: "json_schema", schema: format.json_schema.schema },
  };
  return {
    max_tokens: request.max_completion_tokens ?? MOST_TOKENS,
    system: systemOf(request),
    temperature: request.temperature,
    top_p: request.top_p,
    thinking: effort && { type: isOff ? "disabled" : "adaptive" },
    output_config: output.effort || output.format ? output : undefined,
    tools: tools.length > 0 ? tools : undefined,
    messages: turnsOf(request).map((turn) => ({
      role: turn.role,
      content:
        onlyQuestion(request) ??
        partsOf<object>(turn, files, {
          text: (text) => ({ type: "text", text }),
          file: ({ name, type }, part) => ({
            type: part.type === "file" ? "document" : "image",
            source: { type: "base64", media_type: type, data: new Expression(`read("${name}")`) },
            title: part.type === "file" ? part.file.filename : undefined,
          }),
        }),
    })),
  };
}
