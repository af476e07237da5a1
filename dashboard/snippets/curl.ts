import { chatMessages, filesOf } from "./request-parts.ts";
import type { Client } from "./target.ts";
import { Expression, json, shellKey, shellWord } from "./write.ts";

/** Text in a here-document whose marks a shell reads, as there are files to be read. */
const literal = (text: string): string => text.replace(/[\\$`]/g, "\\$&");

/** Chat's endpoint without a library. It streams: that shows at once that something arrives. */
export const curl: Client = {
  id: "curl",
  name: "curl",
  file: "shell",
  code({ router, key, model, request }) {
    const messages = chatMessages(
      request,
      ({ name, type }) => new Expression(`"data:${type};base64,$(base64 < ${name} | tr -d '\\n')"`),
    );
    const body = { model, ...request, messages, stream: true };
    return `curl -N ${router}/v1/chat/completions \\
  -H "Authorization: Bearer ${shellKey(key)}" \\
  -H "Content-Type: application/json" \\
  -d ${filesOf(request).size === 0 ? shellWord(json(body)) : `@- <<JSON\n${json(body, literal)}\nJSON`}`;
  },
};
