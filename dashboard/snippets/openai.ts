import { chatMessages, filesOf } from "./request-parts.ts";
import type { Client } from "./target.ts";
import { Expression, imports, script, scriptKey } from "./write.ts";

/** Chat by OpenAI's SDK: the request as it is. */
export const openai: Client = {
  id: "openai",
  name: "OpenAI",
  file: "hello.mjs",
  code({ router, key, model, request }) {
    const messages = chatMessages(
      request,
      ({ name, type }) => new Expression(`\`data:${type};base64,\${read("${name}")}\``),
    );
    const shown = request.tools === undefined ? ".content" : "";
    return `${imports([`import OpenAI from "openai";`], filesOf(request).size > 0)}
const client = new OpenAI(${script({ baseURL: `${router}/v1`, apiKey: scriptKey(key) })});

const answer = await client.chat.completions.create(${script({ model, ...request, messages })});

${
  request.stream
    ? `for await (const { choices } of answer) ${
        shown
          ? `process.stdout.write(choices[0]?.delta${shown} ?? "");`
          : "console.log(JSON.stringify(choices[0]?.delta ?? {}));"
      }`
    : `console.log(answer.choices[0].message${shown});`
}`;
  },
};
