import type { DialectId } from "../../canonical/dialect-id.ts";
import { ruleAgainst } from "../../canonical/model-access.ts";
import { dialects } from "../../dialects/registry.ts";
import { GatewayError } from "../../errors.ts";
import type { NamedModel } from "../../ledger/contract.ts";
import { TenantModelCache } from "../../ledger/tenant-model-cache.ts";
import type { JsonObject } from "../../lib/json.ts";
import type { Services } from "../../services.ts";
import type { DryRequest, DryTarget } from "../dry-run.ts";
import { type Asked, type Attempt, planOrRefusal, type Refusal } from "./attempt.ts";
import { modelDisabled } from "./authenticate.ts";
import { readCaller } from "./caller.ts";
import { type Candidates, targetOf } from "./candidates.ts";
import { candidatesOf } from "./choose.ts";
import { readWanted } from "./fallbacks.ts";
import type { InferenceCall } from "./infer.ts";
import { namedModels } from "./named-models.ts";
import { bodyOf } from "./read-body.ts";
import { recordedWarnings } from "./warnings.ts";

/** The smallest request of each wire format. */
const SMALLEST: Record<DialectId, JsonObject> = {
  "openai-chat": { messages: [{ role: "user", content: "Hello" }] },
  "openai-responses": { input: "Hello" },
  "openai-embeddings": { input: "Hello" },
  "anthropic-messages": { max_tokens: 1_024, messages: [{ role: "user", content: "Hello" }] },
  "google-generate-content": { contents: [{ role: "user", parts: [{ text: "Hello" }] }] },
};

/**
 * What would be asked for a request, in which order, and why; nothing is sent. Health is this isolate's, of now. Throws the
 * GatewayError the request itself would get, which names fields as they stand in the dry run's own body.
 */
export async function dryRun(services: Services, request: DryRequest): Promise<DryTarget[]> {
  try {
    return await run(services, request);
  } catch (error) {
    throw error instanceof GatewayError ? spelled(error) : error;
  }
}

/** Everything but these stands in the request. */
const isBeside = (param: string): boolean => param === "model" || param.startsWith(FALLBACKS);
const FALLBACKS = "fallbacks";

function spelled(error: GatewayError): GatewayError {
  const { code, message, param } = error;
  if (param === null || isBeside(param)) return error;
  const inRequest = `request.${param}`;
  return new GatewayError(code, message.replace(`'${param}'`, `'${inRequest}'`), { param: inRequest, cause: error });
}

async function run(services: Services, request: DryRequest): Promise<DryTarget[]> {
  const { asked, named } = await askedOf(services, request);
  const { access, route } = request;
  for (const { meaning, param } of route === null ? named : named.slice(1)) {
    const rule = meaning === null ? null : ruleAgainst(access, meaning);
    if (rule !== null && meaning !== null) throw modelDisabled(meaning, param, rule.name);
  }
  const candidates = candidatesOf(asked, route);
  candidates.forbid(access, 0);
  const told: DryTarget[] = candidates.before.tries.map(({ provider, model, credential, reason }) => ({
    ...{ provider, model, credential, from: "route", outcome: "skipped", reason, dialect: null, warnings: [] },
    message: reason === "model_not_allowed" ? "The organization does not allow it." : NOT_SET_UP,
  }));
  const planned: (Attempt | Refusal)[] = [];
  for (let next = take(services, candidates); next !== null; next = take(services, candidates)) {
    planned.push(await planOrRefusal(asked, candidates, next));
  }
  const short = planned.find((one) => !isAttempt(one) && one.reason === "context_length");
  const first = planned.find(isAttempt) ?? short;
  return [...told, ...planned.map((one) => toldOf(services, one, one === first))];
}

const NOT_SET_UP = "Its provider, or the credential, is not set up here.";

/** The next target, without taking what only a request may take. */
function take({ health, now }: Services, candidates: Candidates) {
  const taken = candidates.take(health, now(), now());
  if (taken !== null) health.abandoned(taken.candidate.key, taken.passage);
  return taken;
}

const isAttempt = (one: Attempt | Refusal): one is Attempt => "planning" in one;

function toldOf({ health, now }: Services, one: Attempt | Refusal, first: boolean): DryTarget {
  const { key, target, from } = one.candidate;
  const ailment = health.ailment(key, now());
  if (!isAttempt(one)) {
    const { reason, error } = one;
    const outcome = first ? "first" : "skipped";
    return { ...targetOf(target), from, outcome, reason, message: error.message, dialect: null, warnings: [] };
  }
  return {
    ...{ ...targetOf(target), from },
    outcome: first ? "first" : "next",
    reason: ailment,
    message: ailment === null ? null : AILMENTS[ailment],
    dialect: one.upstream,
    warnings: recordedWarnings(one.planning.losses),
  };
}

const AILMENTS = {
  cooling: "Its provider has asked to be left alone for a while.",
  breaker_open: "It has failed too often of late.",
};

/** The request as it would be planned, and the models that it names. */
async function askedOf(own: Services, request: DryRequest): Promise<{ asked: Asked; named: NamedModel[] }> {
  const tenantModels = new TenantModelCache();
  for (const record of request.facts) tenantModels.remember(request.rootId, record.model, record);
  const services = { ...own, tenantModels };
  const { rootId, session, fallbacks } = request;
  const dialect = dialects[request.dialect];
  const inPath = request.dialect === "google-generate-content";
  const call: InferenceCall = {
    ...{ dialect: request.dialect, operation: request.dialect === "openai-embeddings" ? "embed" : "generate" },
    ...(inPath ? { model: request.model, method: "generateContent", version: "v1beta" } : {}),
  };
  const sent = { ...SMALLEST[request.dialect], ...request.body, ...(inPath ? {} : { model: request.model }) };
  const beside = fallbacks.map((name, at) => ({ name, param: `${FALLBACKS}[${at}]` }));
  const wanted = readWanted(beside, call, bodyOf(JSON.stringify(sent)));
  const { model, body } = wanted;
  const facts = dialect.readRequest(body.body, call);
  const client = new Headers();
  const caller = await readCaller(client, facts, services.hash);
  const asked: Asked = {
    ...{ services, call, dialect, facts, body, client, fallbacks: wanted.fallbacks, requestedModel: model },
    requestId: services.newRequestId(),
    startedAt: services.now(),
    features: dialect.requestFeatures(body.body, call.operation),
    caller: { ...caller, sessionId: session ?? caller.sessionId },
    ...{ tenant: rootId, query: "", strict: false },
    from: { address: null, origin: null },
    // Nobody asks with it: it stands for any key of the organization.
    key: { rootId, keyId: "", mac: "", jurisdiction: "global" },
  };
  return { asked, named: namedModels(wanted, services.providers) };
}
