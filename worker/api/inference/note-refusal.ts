import type { RefusedRequest } from "../../canonical/refused-request.ts";
import { GatewayError } from "../../errors.ts";
import type { RequestSpan } from "../../telemetry/request-span.ts";
import type { AppContext } from "../context.ts";
import type { AuthenticatedKey } from "./authenticate.ts";
import { clientOf } from "./caller.ts";
import type { InferenceCall } from "./infer.ts";

/** What is known of a request whose key is one of ours, whatever becomes of it. */
export interface Asked extends Pick<RefusedRequest, "requestedModel"> {
  key: AuthenticatedKey;
  call: InferenceCall;
  /** Milliseconds since the epoch. */
  startedAt: number;
}

/** What is wrong with a body may be said in its own words, and a network address is kept nowhere in clear. */
const isQuiet = ({ status, code }: GatewayError): boolean => status === 400 || code === "ip_not_allowed";

/** A request that was not admitted is a line of the log, and one of refused requests, which are no usage. */
export function noteRefusal(c: AppContext, span: RequestSpan, asked: Asked, error: unknown): void {
  if (!(error instanceof GatewayError) || error.status >= 500) return;
  const { code, status, param, headers } = error;
  const { key, call, startedAt, requestedModel } = asked;
  const { keyId, rootId } = key;
  const requestId = c.get("requestId");
  const limit = headers["x-gaia-limit"];
  span.log({ level: "info", event: "request.denied", requestId, keyId, rootId, code, status, param, limit });
  const refused: RefusedRequest = {
    ...{ id: requestId, keyId, at: startedAt, dialect: call.dialect, operation: call.operation, requestedModel },
    ...{ client: clientOf(c.req.raw.headers), status, errorCode: code, param },
    message: isQuiet(error) ? null : error.message,
    limitId: limit?.split(";")[0] ?? null,
  };
  c.executionCtx.waitUntil(c.get("services").refusals.add(rootId, refused));
}
