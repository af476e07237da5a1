import type { Exchange, WholeReply } from "../exchange.ts";
import type { Failure } from "../failure.ts";

interface OpenAIError {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

/** What OpenAI says for a status when nothing more particular is known. */
const BY_STATUS: Record<number, { message: string; type: string; code: string | null }> = {
  400: { message: "We could not parse the JSON body of your request.", type: "invalid_request_error", code: null },
  401: {
    message:
      "Incorrect API key provided: sk-sim****0000. You can find your API key at https://platform.openai.com/account/api-keys.",
    type: "invalid_request_error",
    code: "invalid_api_key",
  },
  403: {
    message: "Project `proj_simulated` does not have access to this model.",
    type: "invalid_request_error",
    code: "model_not_found",
  },
  404: {
    message: "The requested resource does not exist or you do not have access to it.",
    type: "invalid_request_error",
    code: "model_not_found",
  },
  408: { message: "Request timed out.", type: "server_error", code: "request_timeout" },
  409: {
    message: "The resource was changed by another request. Please retry.",
    type: "invalid_request_error",
    code: "conflict",
  },
  413: { message: "Request body is too large.", type: "invalid_request_error", code: "request_too_large" },
  422: {
    message: "The request was well-formed but could not be processed.",
    type: "invalid_request_error",
    code: "unprocessable_entity",
  },
  429: {
    message:
      "Rate limit reached for requests in organization org-simulated on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 120ms.",
    type: "requests",
    code: "rate_limit_exceeded",
  },
  500: {
    message: "The server had an error while processing your request. Sorry about that!",
    type: "server_error",
    code: null,
  },
  503: {
    message: "The engine is currently overloaded, please try again later.",
    type: "service_unavailable",
    code: null,
  },
};

const BAD_GATEWAY =
  "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n<center><h1>502 Bad Gateway</h1></center>\n<hr><center>cloudflare</center>\n</body>\n</html>\n";

/** The error object of OpenAI's envelope. */
export function openaiError(failure: Failure): OpenAIError {
  const { message, param, code, reason } = failure.detail;
  if (reason === "quota")
    return {
      message: "You exceeded your current quota, please check your plan and billing details.",
      type: "insufficient_quota",
      param: null,
      code: "insufficient_quota",
    };
  if (reason === "context-length")
    return {
      message: "Your input exceeds the context window of this model. Please adjust your input and try again.",
      type: "invalid_request_error",
      param: "input",
      code: "context_length_exceeded",
    };
  const usual = BY_STATUS[failure.status] ?? {
    message: `The server answered with status ${failure.status}.`,
    type: failure.status < 500 ? "invalid_request_error" : "server_error",
    code: null,
  };
  if (message === undefined)
    return { message: usual.message, type: usual.type, param: param ?? null, code: usual.code };
  return { message, type: usual.type, param: param ?? null, code: code ?? null };
}

/** A refusal in OpenAI's envelope; its 502 is the edge's page, not JSON. */
export function openaiFailure(failure: Failure, { directives }: Exchange): WholeReply {
  if (failure.status === 502 && failure.detail.message === undefined)
    return { kind: "whole", status: 502, headers: { "content-type": "text/html" }, body: BAD_GATEWAY };
  const body = `${JSON.stringify({ error: openaiError(failure) }, null, 2)}\n`;
  const headers: Record<string, string> = { "content-type": "application/json; charset=utf-8" };
  if (failure.status === 429 && directives["retry-after"] === undefined) headers["retry-after-ms"] = "120";
  return { kind: "whole", status: failure.status, headers, body };
}
