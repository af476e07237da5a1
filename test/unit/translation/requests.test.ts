import { describe, expect, test } from "vitest";
import { Losses } from "../../../worker/canonical/losses.ts";
import { GatewayError } from "../../../worker/errors.ts";
import { type ClientRequest, REQUESTS } from "../../support/translation/corpus.ts";
import { DIALECT_IDS, dialectOf } from "../../support/translation/run-dialect.ts";
import { unsaid } from "../../support/translation/said.ts";
import { MODELS, readAsProvider, targetOf, translateRequest } from "../../support/translation/translate-request.ts";
import { variedRequests } from "../../support/translation/varied.ts";

/** Every request at hand, and many like them: in its own dialect all of it is kept, in another one it is taken. */

const requests = REQUESTS.map((request) => [request.name, request] as const);

/** The JSON text of a request that has been read and written again in its dialect; null when it is refused. */
function rewritten({ dialect, body, model, stream }: ClientRequest): string | null {
  const inBody = dialect !== "google-generate-content" && body.model !== undefined && body.model !== null;
  // A model without a name is refused before anything else is read.
  if (inBody && typeof body.model !== "string") return null;
  const named = { model: inBody ? String(body.model) : model, stream };
  const target = { ...targetOf("openai/unheard-of"), name: named.model };
  try {
    dialectOf(dialect).readRequest(body, { operation: "generate", stream });
    const request = dialectOf(dialect).decodeRequest(structuredClone(body), named);
    return JSON.stringify(dialectOf(dialect).encodeRequest(request, target, new Losses()).body);
  } catch (error) {
    if (error instanceof GatewayError && error.status === 400) return null;
    throw error;
  }
}

describe("a request in its own dialect keeps everything", () => {
  test.each(requests)("%s", (_name, request) => {
    const again = rewritten(request);
    // What cannot be read was refused by its own provider as well.
    if (again === null) expect(request.refused).toBe(true);
    else expect(JSON.parse(again)).toEqual(request.body);
    expect(rewritten(request)).toBe(again);
  });
});

describe("a request like it keeps everything, or is refused", () => {
  test.each(requests)("%s", (_name, request) => {
    for (const { change, body } of variedRequests(request.body, 40)) {
      const again = rewritten({ ...request, body });
      if (again !== null) expect.soft(JSON.parse(again), change).toEqual(body);
    }
  });
});

describe("a request in another dialect is one its provider takes", () => {
  test.each(requests)("%s", async (_name, request) => {
    for (const upstream of DIALECT_IDS.filter((id) => id !== request.dialect)) {
      for (const model of MODELS[upstream]) {
        const { body } = await translateRequest(request, upstream, model);
        const again = await translateRequest(request, upstream, model);
        expect(JSON.stringify(again.body)).toBe(JSON.stringify(body));
        // A value that its own provider has refused is the next one's to refuse.
        if (body === null || request.refused) continue;
        expect.soft(() => readAsProvider(upstream, model, body), `${upstream} ${model}`).not.toThrow();
        expect.soft(unsaid(request, body), `lost on the way to ${upstream} ${model}`).toEqual([]);
      }
    }
  });
});

/** Why a request is not sent to a provider of another dialect (worker/errors.ts); nothing else may stop one. */
const REFUSALS = [
  "builtin_unsupported",
  "file_id_unsupported",
  "forced_tool_choice_unsupported",
  "logprobs_unsupported",
  "missing_tool_result",
  "modality_unsupported",
  "n_unsupported",
  "prefill_unsupported",
  "schema_unsupported",
  "state_unsupported",
  "stop_unsupported",
  "too_many_stop_sequences",
  "unsupported_image_type",
  "unsupported_parameter",
  "url_unsupported",
];

test("a request that is not sent says why", async () => {
  const codes: Record<string, number> = {};
  let sent = 0;
  for (const request of REQUESTS) {
    for (const upstream of DIALECT_IDS.filter((id) => id !== request.dialect)) {
      for (const model of MODELS[upstream]) {
        const { refused } = await translateRequest(request, upstream, model);
        if (refused === null) {
          sent++;
          continue;
        }
        // What its own provider has called invalid may be called so here.
        if (!request.refused) codes[refused.code] = (codes[refused.code] ?? 0) + 1;
        expect.soft(refused.status, `${request.name} to ${model}`).toBe(400);
        expect.soft(refused.param, `${request.name} to ${model}`).not.toBeNull();
      }
    }
  }
  expect(Object.keys(codes).filter((code) => !REFUSALS.includes(code))).toEqual([]);
  expect(sent).toBeGreaterThan(100);
});

test("a request like one of them is sent or refused, and nothing breaks", async () => {
  for (const request of REQUESTS) {
    for (const [at, { body }] of variedRequests(request.body, 4).entries()) {
      for (const upstream of DIALECT_IDS.filter((id) => id !== request.dialect)) {
        const model = MODELS[upstream][at % MODELS[upstream].length] as string;
        await translateRequest({ ...request, body }, upstream, model);
      }
    }
  }
});
