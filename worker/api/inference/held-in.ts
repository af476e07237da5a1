import type { AnswerContext, ChatDialect } from "../../dialects/dialect.ts";
import { errorOfFailure } from "../../dialects/failure.ts";
import { parseJson } from "../../lib/json.ts";
import type { HoldOptions } from "../../router/held-open.ts";
import type { Services } from "../../services.ts";
import { asGatewayError } from "../errors.ts";

const UTF8 = new TextEncoder();

/** What a client that is held open is told in its dialect; what it is not told is noted. */
export function heldIn(
  dialect: ChatDialect,
  framing: AnswerContext["framing"],
  requestId: string,
  report: Services["report"],
): Pick<HoldOptions, "keepAlive" | "failure" | "refusal"> {
  const array = framing === "json-array" ? { begun: false } : undefined;
  const failure = (thrown: unknown): Uint8Array => {
    const error = asGatewayError(thrown);
    if (error.status >= 500) report({ requestId, what: error.code, cause: error.cause ?? error.message });
    return UTF8.encode(dialect.encodeStreamError(error, requestId, array));
  };
  return {
    keepAlive: () => UTF8.encode(dialect.keepAlive),
    failure,
    async refusal(response) {
      const body = parseJson(await response.text());
      return failure(errorOfFailure(dialect.decodeFailure(response.status, response.headers, body)));
    },
  };
}
