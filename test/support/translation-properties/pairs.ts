import type { ChatDialectId } from "../../../worker/canonical/dialect-id.ts";
import { Losses } from "../../../worker/canonical/losses.ts";
import type { CanonicalRequest } from "../../../worker/canonical/request.ts";
import type { TargetModel } from "../../../worker/canonical/target-model.ts";
import { chatDialects } from "../../../worker/dialects/registry.ts";
import { GatewayError } from "../../../worker/errors.ts";
import type { JsonObject } from "../../../worker/lib/json.ts";
import { DIALECTS } from "./plan.ts";

/** Each dialect with each other one. */
export const PAIRS = DIALECTS.flatMap((a) => DIALECTS.filter((b) => b !== a).map((b) => ({ a, b })));

/** A model that takes everything its dialect has. */
const ANY_MODEL: TargetModel = {
  name: "a-model",
  owner: "none",
  files: null,
  reasoning: { support: "optional", adaptive: true, disabled: true },
  systemAnywhere: true,
  quirks: new Set(),
};

/** A request in a dialect, as it goes over the wire. */
export const encodeText = (request: CanonicalRequest, dialect: ChatDialectId): string =>
  JSON.stringify(chatDialects[dialect].encodeRequest(request, ANY_MODEL, new Losses()).body);

export const encode = (request: CanonicalRequest, dialect: ChatDialectId): JsonObject =>
  JSON.parse(encodeText(request, dialect)) as JsonObject;

export const decode = (body: JsonObject, dialect: ChatDialectId): CanonicalRequest =>
  chatDialects[dialect].decodeRequest(body, { model: "a-model", stream: false });

/** What `make` gives, or null where the gateway refuses: what is refused is told. */
export function unlessRefused<T>(make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/** Without what the pair refuses (stop sequences at Responses) or asks for in words (JSON mode at Messages). */
export function sayable({ settings, ...request }: CanonicalRequest, ...pair: ChatDialectId[]): CanonicalRequest {
  const { stop, responseFormat, ...others } = settings;
  const stops = stop !== undefined && !pair.includes("openai-responses");
  const formats = responseFormat?.type === "json_schema" || !pair.includes("anthropic-messages");
  return {
    ...request,
    settings: {
      ...others,
      ...(stops ? { stop } : {}),
      ...(formats && responseFormat !== undefined ? { responseFormat } : {}),
    },
  };
}

/** The request as a client of the dialect would write it; null when it cannot be said there. */
export function written(generated: CanonicalRequest, dialect: ChatDialectId): JsonObject | null {
  const other = DIALECTS.find((one) => one !== dialect) as ChatDialectId;
  return unlessRefused(() => encode({ ...generated, dialect: other }, dialect));
}
