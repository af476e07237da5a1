import { anthropicOperations } from "./inference/anthropic.ts";
import { gatewayOperations } from "./inference/gateway.ts";
import { googleOperations } from "./inference/google.ts";
import { openaiOperations } from "./inference/openai.ts";
import type { InferenceGroup, InferenceOperation } from "./inference/operation.ts";
import { errorRef } from "./inference-errors.ts";
import type { JsonSchema, SchemaWriter } from "./json-schema.ts";
import { bodyContent, parameterRef, queryParameters, successAnswers } from "./parts.ts";

export const INFERENCE_GROUPS: readonly InferenceGroup[] = [
  openaiOperations,
  anthropicOperations,
  googleOperations,
  gatewayOperations,
];

/** What a request may say of itself, beside its body. */
const ASKED = ["GaiaSession", "GaiaAgent", "GaiaTags", "GaiaFallbacks", "GaiaStrict"];

/** What an answer says of how it came about. */
const TOLD = {
  "x-gaia-provider": "GaiaProvider",
  "x-gaia-model": "GaiaModel",
  "x-gaia-attempts": "GaiaAttempts",
  "x-gaia-cost": "GaiaCost",
  "x-gaia-upstream-id": "GaiaUpstreamId",
  "x-gaia-warnings": "GaiaWarnings",
  "x-gaia-token-count": "GaiaTokenCount",
};

/** Any of the three ways that vendors' clients send a key. */
const KEY = [{ apiKey: [] }, { apiKeyHeader: [] }, { googleKeyHeader: [] }];

function operationOf(operation: InferenceOperation, tag: string, writer: SchemaWriter): JsonSchema {
  const { id, summary, description, answers, dialect, permission, body, path = {}, query, asks } = operation;
  const note = permission === null ? "" : `Takes a key with \`${permission}\`.`;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description || note ? { description: [description, note].filter(Boolean).join("\n\n") } : {}),
    security: permission === null ? [] : KEY,
    parameters: [
      ...Object.entries(path).map(([name, text]) => ({
        ...{ name, in: "path", required: true, description: text },
        schema: { type: "string" },
      })),
      ...(query ? queryParameters(writer.write(query, "input")) : []),
      ...(asks ? ASKED.map(parameterRef) : []),
    ],
    ...(body ? { requestBody: bodyContent(writer.write(body, "input")) } : {}),
    responses: {
      ...successAnswers(answers, writer, asks ? TOLD : {}),
      ...(permission === null ? {} : { default: errorRef(dialect) }),
    },
  };
}

/** The inference API's paths. */
export function inferencePaths(writer: SchemaWriter): Record<string, JsonSchema> {
  const paths: Record<string, JsonSchema> = {};
  for (const { tag, operations } of INFERENCE_GROUPS) {
    for (const [route, operation] of Object.entries(operations)) {
      const [method = "", path = ""] = route.split(" ");
      paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(operation, tag, writer) };
    }
  }
  return paths;
}
