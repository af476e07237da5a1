import { parseModelName } from "../directives.ts";
import { chooseModel, type Exchange, type Provider, parseBody, type Reply, type WholeReply } from "../exchange.ts";
import { Failure } from "../failure.ts";
import { bearerToken } from "../http.ts";
import { openaiFailure } from "../openai/errors.ts";
import { answerChat, embed } from "../openai/provider.ts";
import { type JsonObject, stringOf } from "../values.ts";

/** What such a host lists: the one model that it runs. It answers to any other name as well. */
const MODELS = ["llama-4-maverick"];

const whole = (body: JsonObject): WholeReply => ({
  kind: "whole",
  status: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

function chat(exchange: Exchange): Reply {
  const body = parseBody(exchange, "Invalid JSON in request body");
  const model = parseModelName(stringOf(body.model) || (MODELS[0] as string));
  chooseModel(exchange, model);
  return answerChat(exchange, body, model.base, { owner: "compatible", showsReasoning: true });
}

const POSTS: Record<string, (exchange: Exchange) => Reply> = {
  "/v1/chat/completions": chat,
  "/v1/embeddings": embed,
};

/** A host that follows OpenAI (vLLM, DeepSeek and the like): Chat with the thoughts shown, and nothing else. */
export const compatible: Provider = {
  id: "compatible",

  requestId: (ids) => `req_${ids.hex(32)}`,

  answer(exchange) {
    const { method, path, headers } = exchange;
    if (bearerToken(headers.authorization) === "") throw new Failure(401, { message: "Unauthorized" });
    if (method === "GET" && path === "/v1/models")
      return whole({
        object: "list",
        data: MODELS.map((id) => ({ id, object: "model", created: 0, owned_by: "host" })),
      });
    const post = POSTS[path];
    if (post === undefined || method !== "POST") throw new Failure(404, { message: "Not Found" });
    return post(exchange);
  },

  failure: openaiFailure,

  headers: (exchange) => ({ "x-request-id": exchange.entry.id }),
};
