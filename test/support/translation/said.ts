import type { ClientRequest } from "./corpus.ts";
import { type Json, parsedArguments } from "./told/told-answer.ts";

/** What a request's conversation says, text by text, and which tools it offers: read by the vendors' references alone. */
interface Said {
  texts: string[];
  tools: string[];
}

const list = (value: Json): Json[] => (Array.isArray(value) ? value : []);
const textsIn = (content: Json): string[] =>
  typeof content === "string"
    ? [content]
    : list(content).flatMap(({ text }) => (typeof text === "string" ? [text] : []));

const READERS: Record<ClientRequest["dialect"], (body: Json) => Said> = {
  "openai-chat": ({ messages, tools, functions, tool_choice: choice }) => ({
    texts: list(messages).flatMap(({ content }) => textsIn(content)),
    // Where only some may be called, and there is no saying so, the others are not offered.
    tools: [
      ...list(choice?.allowed_tools?.tools ?? tools).flatMap((tool) => (tool.function ?? tool.custom)?.name ?? []),
      ...list(functions).map(({ name }) => name),
    ],
  }),
  "openai-responses": ({ instructions, input, tools }) => ({
    texts: [
      ...textsIn(instructions),
      ...(typeof input === "string"
        ? [input]
        : list(input).flatMap(({ type = "message", content, output }) =>
            type === "message" || type.endsWith("call_output") ? [...textsIn(content), ...textsIn(output)] : [],
          )),
    ],
    tools: list(tools).flatMap(({ type, name }) => (type === "function" || type === "custom" ? [name] : [])),
  }),
  "anthropic-messages": ({ system, messages, tools }) => ({
    texts: [
      ...textsIn(system),
      ...list(messages).flatMap(({ content }) => [
        ...textsIn(content),
        ...list(content).flatMap((block) => (block.type === "tool_result" ? textsIn(block.content) : [])),
      ]),
    ],
    tools: list(tools).flatMap(({ input_schema: schema, name }) => (schema === undefined ? [] : [name])),
  }),
  "google-generate-content": ({ systemInstruction, system_instruction: snake, contents, tools }) => ({
    texts: [systemInstruction ?? snake, ...list(contents)].flatMap((content) =>
      list(content?.parts).flatMap(({ text, thought }) => (typeof text === "string" && !thought ? [text] : [])),
    ),
    tools: list(tools).flatMap((tool) =>
      list(tool.functionDeclarations ?? tool.function_declarations).map(({ name }) => name),
    ),
  }),
};

/** All text of a request body, wherever it stands. */
function allTexts(value: Json): string {
  if (typeof value === "string") return `${value}\n`;
  if (typeof value !== "object" || value === null) return "";
  return Object.values(value).map(allTexts).join("");
}

/** What the client's request says and the provider's does not; white space at an end may go, and a result may be JSON. */
export function unsaid({ dialect, body }: ClientRequest, written: Record<string, unknown>): string[] {
  const { texts, tools } = READERS[dialect](body);
  const told = `${allTexts(written)}${JSON.stringify(written)}`;
  // Names have other rules at other vendors.
  const names = tools.map((name) => name.replace(/[^\w-]/g, "_"));
  return [...texts, ...names].filter((text) => {
    if (told.includes(text.trimEnd())) return false;
    const result = parsedArguments(text);
    return typeof result === "string" || !told.includes(JSON.stringify(result));
  });
}
