import type { Ready } from "../../local/stack/ready.ts";
import { Contract } from "../support/contract.ts";
import { awaitRow } from "../support/stack.ts";

const MODEL = "openai/gpt-6.1-sol";
const CONTENTS = [{ role: "user", parts: [{ text: "Hello" }] }];
const MESSAGES = [{ role: "user", content: "Hello" }];
const ANTHROPIC = { "anthropic-version": "2023-06-01" };
const GOOGLE = { "x-goog-api-client": "genai" };

type Call = [path: string, body?: object, headers?: Record<string, string>];

/** A request for each route that is not the management API's, but for streams. */
const CALLS: Call[] = [
  ["/"],
  ["/health"],
  ["/health?database=skip"],
  ["/v1/models"],
  ["/v1/models?limit=2", undefined, ANTHROPIC],
  ["/v1/models?pageSize=2", undefined, GOOGLE],
  ["/v1beta/models?pageSize=2"],
  ["/v1/models/openai%2Fgpt-6.1-sol"],
  ["/v1/models/openai%2Fgpt-6.1-sol", undefined, ANTHROPIC],
  ["/v1beta/models/openai%2Fgpt-6.1-sol"],
  ["/v1/key"],
  ["/v1/chat/completions", { model: MODEL, messages: MESSAGES }],
  ["/v1/responses", { model: MODEL, input: "Hello" }],
  ["/v1/responses/input_tokens", { model: MODEL, input: "Hello" }],
  ["/v1/messages", { model: MODEL, max_tokens: 100, messages: MESSAGES }],
  ["/v1/messages/count_tokens", { model: MODEL, messages: MESSAGES }],
  ["/v1/embeddings", { model: "openai/text-embedding-3-small", input: "Hello" }],
  ["/v1beta/models/openai%2Fgpt-6.1-sol:generateContent", { contents: CONTENTS }],
  ["/v1beta/models/openai%2Fgpt-6.1-sol:streamGenerateContent", { contents: CONTENTS }],
  ["/v1beta/models/openai%2Fgpt-6.1-sol:countTokens", { contents: CONTENTS }],
  ["/v1beta/models/openai%2Ftext-embedding-3-small:embedContent", { content: CONTENTS[0] }],
  [
    "/v1beta/models/openai%2Ftext-embedding-3-small:batchEmbedContents",
    { requests: [{ model: "models/openai/text-embedding-3-small", content: CONTENTS[0] }] },
  ],
];

/** Asks a running stack for everything that inference describes; answers what was not as described. */
export async function otherThanDescribed({ router, apiKey, adminKey }: Ready): Promise<string[]> {
  const contract = new Contract((await (await fetch(`${router}/openapi.json`)).json()) as object);
  const problems: string[] = [];
  const ask = async ([path, body, headers = {}]: Call): Promise<Headers> => {
    const method = body === undefined ? "GET" : "POST";
    const response = await fetch(router + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const [pathname = ""] = path.split("?");
    const answered = {
      status: response.status,
      contentType: response.headers.get("content-type"),
      etag: response.headers.has("etag"),
      body: JSON.parse(text),
    };
    const problem = response.ok ? contract.problem(method, pathname, answered) : `${path}: ${response.status} ${text}`;
    if (problem !== null) problems.push(problem);
    return response.headers;
  };
  for (const call of CALLS) await ask(call);
  const asked = await ask(["/v1/chat/completions", { model: MODEL, messages: MESSAGES }]);
  const id = asked.get("x-request-id") ?? "";
  await awaitRow(router, { authorization: `Bearer ${adminKey}` }, id);
  await ask([`/v1/requests/${id}`]);
  return problems;
}
