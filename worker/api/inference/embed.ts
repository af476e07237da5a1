import type { EmbeddingsDialectId } from "../../canonical/dialect-id.ts";
import type { EmbeddingInput, EmbeddingsAnswer, EmbeddingsRequest, Vector } from "../../canonical/embeddings.ts";
import type { EmbeddingsCodec } from "../../dialects/embeddings.ts";
import { errorOfFailure } from "../../dialects/failure.ts";
import { dialects, embeddingsCodecs } from "../../dialects/registry.ts";
import { GatewayError } from "../../errors.ts";
import { type JsonObject, parseJson } from "../../lib/json.ts";
import { usdFromNano } from "../../lib/money.ts";
import { codeOf } from "../../router/canonical-meter.ts";
import { CallsMeter, estimatedTokens, inCalls, normalized } from "../../router/embedding-calls.ts";
import { readWhole } from "../../router/read-whole.ts";
import { notServed, type Route } from "../../router/resolve.ts";
import { translatedHeaders, upstreamRequestId } from "../../router/send.ts";
import { brokenOff, MAXIMUM_ANSWER } from "./answer.ts";
import { converse } from "./converse.ts";
import { nameForProvider } from "./end-user.ts";
import { FailedAttempt, failingOf } from "./failed-attempt.ts";
import type { Planning } from "./plan.ts";
import { sendAttempt } from "./send-attempt.ts";
import { type Story, storyHeaders, toldError } from "./story.ts";
import { refuseLosses } from "./strict.ts";
import type { Stage, Walk } from "./walk.ts";

/** Calls under way at a time. */
const WIDTH = 4;
/** What a call under way is given to tell its usage, once another has failed. */
const GRACE = 2000;

/** One call to the provider. */
interface Call {
  inputs: readonly EmbeddingInput[];
  path: string;
  body: JsonObject;
}

/** Embeddings: relayed where the provider speaks the client's dialect, else as many calls as it takes. */
export async function embed(planning: Planning, routes: readonly Route[]): Promise<Walk> {
  const { call, dialect, target } = planning;
  const [route] = routes;
  if (route === undefined) throw notServed(target, call.operation);
  if (route.dialect === dialect.id) return converse(planning, routes);
  const upstream = upstreamOf(route);
  const named = { model: planning.requestedModel, method: call.method };
  const request = codecOf(planning).decodeRequest(planning.body.body, named, planning.losses);
  const calls = await callsOf(planning, route, request);
  return {
    admitFirst: false,
    async send(stage) {
      const running = new Calls(planning, upstream, request, stage);
      try {
        const answer = await running.run(calls);
        return () => answered(planning, stage, answer);
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        const { told, status } = running;
        const failing = failingOf(error, status);
        const named = told === null ? {} : { errorCode: told, outcome: "provider_error" as const };
        // Whatever the one has failed by, what the others used is known.
        throw new FailedAttempt({ ...failing, ...named, answer: error, billed: true });
      }
    },
  };
}

const upstreamOf = ({ dialect }: Route): EmbeddingsCodec => embeddingsCodecs[dialect as EmbeddingsDialectId];
const codecOf = ({ dialect }: Planning): EmbeddingsCodec => embeddingsCodecs[dialect.id as EmbeddingsDialectId];

async function callsOf(planning: Planning, route: Route, { inputs, user }: EmbeddingsRequest): Promise<Call[]> {
  const { services, target } = planning;
  const upstream = upstreamOf(route);
  const hidden = user === undefined ? undefined : await nameForProvider(user, services.hash);
  const calls = inCalls(inputs, upstream.callSize).map((some): Call => {
    const options = { model: target.upstreamModel, dimensions: some[0]?.dimensions, user: hidden };
    const { method, body } = upstream.encodeCall(some, options);
    return { inputs: some, path: route.path(method === undefined ? {} : { method }), body };
  });
  refuseLosses(planning);
  return calls;
}

/** The calls of one request, some at a time. */
class Calls {
  readonly #planning: Planning;
  readonly #upstream: EmbeddingsCodec;
  readonly #float32: boolean;
  readonly #stage: Stage;
  readonly #meter = new CallsMeter();
  readonly #vectors: Vector[][] = [];
  #failed = false;
  /** What the provider itself called its failure. */
  told: string | null = null;
  /** The status of the answer that failed. */
  status: number | null = null;

  constructor(planning: Planning, upstream: EmbeddingsCodec, { float32 }: EmbeddingsRequest, stage: Stage) {
    this.#planning = planning;
    this.#upstream = upstream;
    this.#float32 = float32 === true;
    this.#stage = stage;
  }

  get #story(): Story {
    return { ...this.#planning, ...this.#stage };
  }

  async run(calls: readonly Call[]): Promise<EmbeddingsAnswer> {
    const { exchange, controller } = this.#stage;
    exchange.upstreamDialect = this.#upstream.id;
    exchange.answer = () => this.#meter.facts();
    let next = 0;
    const lane = async () => {
      while (next < calls.length && !this.#failed) {
        const index = next++;
        await this.#one(calls[index] as Call, index);
      }
    };
    const lanes = Array.from({ length: Math.min(WIDTH, calls.length) }, async () => {
      try {
        await lane();
      } catch (error) {
        this.#failed = true;
        throw error;
      }
    });
    try {
      await Promise.all(lanes);
    } catch (error) {
      // Others may be about to tell what they will be billed for.
      await Promise.race([Promise.allSettled(lanes), new Promise((resolve) => setTimeout(resolve, GRACE))]);
      controller.abort();
      throw error;
    }
    const usage = this.#meter.usage();
    if (usage.estimated === true) exchange.losses.add("usage_estimated", "answer.usage");
    return { model: this.#planning.requestedModel, vectors: this.#vectors.flat(), usage };
  }

  async #one(call: Call, index: number): Promise<void> {
    const { services, target } = this.#planning;
    const { exchange, controller } = this.#stage;
    this.#meter.begin(index, estimatedTokens(call.inputs));
    const response = await sendAttempt(exchange, this.#planning, {
      dialect: this.#upstream.id,
      target,
      path: call.path,
      headers: translatedHeaders(target, {}, this.#upstream.id, services.providers.anthropicVersion),
      body: JSON.stringify(call.body),
      controller,
      headersTimeout: this.#planning.timeouts.headers,
    });
    exchange.upstreamRequestId ??= upstreamRequestId(response.headers);
    exchange.firstByteAt ??= services.now();
    const parsed = await this.#read(response);
    if (!response.ok) this.#fail(response, index, parsed);
    const facts = dialects[this.#upstream.id].readAnswer(parsed, { operation: "embed" });
    this.#meter.finish(index, facts.usage);
    this.#meter.servedModel ??= facts.servedModel;
    const vectors = this.#upstream.decodeVectors(parsed);
    if (vectors === null || vectors.length !== call.inputs.length) {
      this.told ??= "malformed";
      const error = new GatewayError("upstream_error", "The provider's vectors could not be read. Try again.");
      throw toldError(error, this.#story, response.status);
    }
    const kept = this.#upstream.leavesReducedVectors ? this.#atLengthOne(vectors, call.inputs) : vectors;
    // The longest answers are 50 MB as doubles.
    this.#vectors[index] = this.#float32 ? kept.map((vector) => Float32Array.from(vector)) : kept;
  }

  async #read(response: Response): Promise<unknown> {
    const { target, timeouts } = this.#planning;
    const { controller } = this.#stage;
    const { idle } = timeouts;
    let bytes: Uint8Array | null;
    try {
      bytes =
        response.body === null
          ? new Uint8Array(0)
          : await readWhole(response.body, MAXIMUM_ANSWER, idle, controller.signal);
    } catch (cause) {
      throw brokenOff(target, cause);
    }
    if (bytes === null)
      throw new GatewayError("upstream_error", `${target.provider.id} sent an answer of more than 20 MB.`);
    return parseJson(new TextDecoder().decode(bytes));
  }

  #fail(response: Response, index: number, parsed: unknown): never {
    const failure = this.#upstream.decodeFailure(response.status, response.headers, parsed);
    this.#meter.fail(index);
    this.told ??= codeOf(failure);
    this.status ??= response.status;
    throw toldError(errorOfFailure(failure), this.#story, response.status);
  }

  /** Google cuts a longer vector without stretching what is left. */
  #atLengthOne(vectors: number[][], inputs: readonly EmbeddingInput[]): number[][] {
    return vectors.map((vector, at) => {
      const input = inputs[at];
      const stretched = input?.dimensions === undefined ? null : normalized(vector);
      if (stretched === null || input === undefined) return vector;
      this.#stage.exchange.losses.add("embedding_normalized", input.dimensionsPath);
      return stretched;
    });
  }
}

/** The answer in the client's dialect, written as it is read: in one piece it could be larger than the isolate. */
function answered(planning: Planning, stage: Stage, answer: EmbeddingsAnswer): Response {
  const { call, body, requestedModel } = planning;
  const costNano = stage.exchange.settle("ok", 200);
  const headers = storyHeaders({ ...planning, ...stage }, "application/json");
  if (costNano !== null) headers.set("x-gaia-cost", usdFromNano(costNano));
  const named = { model: requestedModel, method: call.method };
  const pieces = codecOf(planning).encodeAnswer(answer, named, body.body)[Symbol.iterator]();
  const encoder = new TextEncoder();
  const readable = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  return new Response(readable, { status: 200, headers });
}
