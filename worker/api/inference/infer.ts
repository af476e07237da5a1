import { routePath } from "hono/route";
import type { DialectId } from "../../canonical/dialect-id.ts";
import type { Operation } from "../../dialects/dialect.ts";
import { dialects } from "../../dialects/registry.ts";
import { GatewayError } from "../../errors.ts";
import { readModelName, resolveTarget } from "../../router/resolve.ts";
import type { RequestSpan } from "../../telemetry/request-span.ts";
import type { AppContext } from "../context.ts";
import { asGatewayError } from "../errors.ts";
import { type Admission, admit, carryOut } from "./admission.ts";
import { planAttempt } from "./attempt.ts";
import { type AuthenticatedKey, authenticateKey } from "./authenticate.ts";
import { readCaller } from "./caller.ts";
import { rateHeaders } from "./rate-headers.ts";
import { readBody } from "./read-body.ts";
import { warningsHeader } from "./warnings.ts";

/** What an endpoint knows from its path: the dialect, the operation, and for Gemini the model and method. */
export interface InferenceCall {
  dialect: DialectId;
  operation: Operation;
  model?: string;
  stream?: boolean;
  method?: string;
  version?: string;
}

/** The client's query string, without the key that Gemini's clients may put there. */
function forwardedQuery(url: URL): string {
  url.searchParams.delete("key");
  return url.searchParams.size === 0 ? "" : `?${url.searchParams.toString()}`;
}

/** What a placeholder of a path may be, in the router's own notation. */
const PATTERN = /\{.*\}/;

/** The request's walk, seen from outside: its span ends when it is settled, or with what is thrown before that. */
export async function infer(c: AppContext, call: InferenceCall): Promise<Response> {
  const services = c.get("services");
  const { headers } = c.req.raw;
  const startedAt = services.now();
  const { dialect, operation } = call;
  const [requestId, route] = [c.get("requestId"), routePath(c).replace(PATTERN, "")];
  const span = services.telemetry.request({ headers, requestId, route, dialect, operation, startedAt });
  c.set("span", span);
  try {
    return await walk(c, call, span, startedAt);
  } catch (error) {
    const { status, code } = asGatewayError(error);
    span.refused(status, code);
    throw error;
  }
}

/**
 * A request's whole walk (ARCHITECTURE.md): authenticate, read, resolve, plan, admit, send, relay, settle. Throws
 * GatewayError for every refusal; after admission each ending settles exactly once.
 */
async function walk(c: AppContext, call: InferenceCall, span: RequestSpan, startedAt: number): Promise<Response> {
  const services = c.get("services");
  const url = new URL(c.req.raw.url);
  const key = await authenticateKey(services, c.req.raw.headers, url);
  span.note({ keyId: key.keyId, rootId: key.rootId });
  let admission: Admission;
  try {
    admission = await admitted(c, call, span, key, url, startedAt);
  } catch (error) {
    noteRefusal(c, span, key, error);
    throw error;
  }
  return answered(c, call, admission);
}

/** Everything before a byte is sent for a key under limits; whatever is thrown here leaves no row. */
async function admitted(
  c: AppContext,
  call: InferenceCall,
  span: RequestSpan,
  key: AuthenticatedKey,
  url: URL,
  startedAt: number,
): Promise<Admission> {
  const services = c.get("services");
  const { raw: request } = c.req;
  const dialect = dialects[call.dialect];
  const body = await readBody(request);
  const requestedModel = readModelName(call.model ?? body.body.model);
  const facts = dialect.readRequest(body.body, call);
  const target = resolveTarget(requestedModel, services.providers);
  span.note({ model: `${target.provider.id}/${target.upstreamModel}`, streamed: facts.stream });
  const inquiry = {
    ...{ c, span, services, key, call, dialect, facts, body, requestedModel, startedAt },
    caller: await readCaller(request.headers, facts, services.hash),
    client: request.headers,
    tenant: key.rootId,
    query: forwardedQuery(url),
    strict: request.headers.get("x-gaia-strict")?.trim().toLowerCase() === "true",
  };
  return admit(inquiry, await planAttempt(inquiry, target));
}

/** The answer, or the failure, with how the limits stand. */
async function answered(c: AppContext, { dialect }: InferenceCall, admission: Admission): Promise<Response> {
  const rates = rateHeaders(dialect, admission.answer.rates, c.get("services").now());
  try {
    const response = await carryOut(admission);
    for (const [name, value] of Object.entries(rates)) response.headers.set(name, value);
    return response;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const warnings = warningsHeader(admission.attempt.planning.losses);
    throw error.with({ ...(warnings === null ? {} : { "x-gaia-warnings": warnings }), ...rates });
  }
}

/** A request that was not admitted is a line of the log, and no row. */
function noteRefusal(c: AppContext, span: RequestSpan, { keyId, rootId }: AuthenticatedKey, error: unknown): void {
  if (!(error instanceof GatewayError) || error.status >= 500) return;
  const { code, status, param, headers } = error;
  const requestId = c.get("requestId");
  const limit = headers["x-gaia-limit"];
  span.log({ level: "info", event: "request.denied", requestId, keyId, rootId, code, status, param, limit });
}
