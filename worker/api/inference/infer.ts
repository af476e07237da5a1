import { routePath } from "hono/route";
import type { DialectId } from "../../canonical/dialect-id.ts";
import type { Operation } from "../../dialects/dialect.ts";
import { chatDialects, dialects } from "../../dialects/registry.ts";
import { GatewayError } from "../../errors.ts";
import { heldOpen } from "../../router/held-open.ts";
import { refuseLoops } from "../../router/hops.ts";
import type { RequestSpan } from "../../telemetry/request-span.ts";
import type { AppContext } from "../context.ts";
import { asGatewayError } from "../errors.ts";
import { whenceOf } from "../whence.ts";
import { type Admission, admit } from "./admission.ts";
import type { Inquiry } from "./attempt.ts";
import { authenticateKey } from "./authenticate.ts";
import { readCaller } from "./caller.ts";
import { answerRequest } from "./failover.ts";
import { fallbacksIn, readWanted, type Wanted } from "./fallbacks.ts";
import { heldIn } from "./held-in.ts";
import { namedModels } from "./named-models.ts";
import { type Asked, noteRefusal } from "./note-refusal.ts";
import { rateHeaders } from "./rate-headers.ts";
import { readBody } from "./read-body.ts";
import { framingOf, streamType, UNBUFFERED } from "./stream-response.ts";

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
  refuseLoops(c.req.raw.headers);
  const key = await authenticateKey(services, c.req.raw.headers, url);
  span.note({ keyId: key.keyId, rootId: key.rootId });
  const asked: Asked = { key, call, startedAt, requestedModel: call.model ?? null };
  let inquiry: Inquiry;
  let admission: Admission;
  try {
    const wanted = readWanted(fallbacksIn(c.req.raw.headers), call, await readBody(c.req.raw));
    asked.requestedModel = wanted.model;
    inquiry = await inquiryOf({ c, span, url, wanted, ...asked });
    admission = await admit(inquiry);
  } catch (error) {
    noteRefusal(c, span, asked, error);
    throw error;
  }
  return answered(inquiry, admission);
}

/** What an inquiry is made from. */
interface Beginning extends Asked {
  c: AppContext;
  span: RequestSpan;
  url: URL;
  wanted: Wanted;
}

/** What is known of a request before anybody is asked about it; whatever is thrown here is no usage. */
async function inquiryOf({ c, span, url, wanted, key, call, startedAt }: Beginning): Promise<Inquiry> {
  const services = c.get("services");
  const { headers } = c.req.raw;
  const dialect = dialects[call.dialect];
  const { model, fallbacks, body } = wanted;
  const facts = dialect.readRequest(body.body, call);
  const caller = await readCaller(headers, facts, services.hash);
  span.note({ streamed: facts.stream });
  return {
    requestId: c.get("requestId"),
    ...{ c, span, services, key, call, dialect, facts, body, requestedModel: model, startedAt, caller, fallbacks },
    from: whenceOf(c.req.raw),
    named: namedModels(wanted, services.providers),
    features: dialect.requestFeatures(body.body, call.operation),
    client: headers,
    tenant: key.rootId,
    query: forwardedQuery(url),
    strict: headers.get("x-gaia-strict")?.trim().toLowerCase() === "true",
  };
}

/** Milliseconds after which the client of a stream gets its headers and signs of life: proxies give up after a minute. */
const HELD_AFTER = 25_000;
const SIGN_OF_LIFE_EVERY = 15_000;

/** The answer, or the failure, with how the limits stand. A client whose stream takes long to begin is held. */
async function answered(inquiry: Inquiry, admission: Admission): Promise<Response> {
  const { c, call, dialect, facts, services } = inquiry;
  const rates = rateHeaders(call.dialect, admission.answer.rates, services.now());
  const answer = withRates(answerRequest(inquiry, admission), rates);
  if (!facts.stream || dialect.id === "openai-embeddings") return answer;
  const framing = framingOf(call, c.req.url);
  return heldOpen(answer, {
    ...{ after: HELD_AFTER, every: SIGN_OF_LIFE_EVERY, clientGone: c.req.raw.signal },
    headers: new Headers({ ...rates, ...UNBUFFERED, "content-type": streamType(framing) }),
    ...heldIn(chatDialects[dialect.id], framing, inquiry.requestId, services.report),
    // The attempt that is under way hears of it by itself.
    onClientGone: () => {},
    waitUntil: (promise) => c.executionCtx.waitUntil(promise),
  });
}

async function withRates(answer: Promise<Response>, rates: Record<string, string>): Promise<Response> {
  try {
    const response = await answer;
    for (const [name, value] of Object.entries(rates)) response.headers.set(name, value);
    return response;
  } catch (error) {
    throw error instanceof GatewayError ? error.with(rates) : error;
  }
}
