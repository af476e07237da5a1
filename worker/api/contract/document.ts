import type { RouterRoute } from "hono/types";
import { ADMIN_OPERATIONS } from "../admin/schemas/operations.ts";
import { adminPaths, adminResponses } from "./admin-paths.ts";
import { HEADERS, PARAMETERS, SECURITY_SCHEMES } from "./components.ts";
import { inferenceResponses } from "./inference-errors.ts";
import { INFERENCE_GROUPS, inferencePaths } from "./inference-paths.ts";
import { type JsonSchema, SchemaWriter } from "./json-schema.ts";

/** The contract's version: package.json's. */
const VERSION = "0.1.0";

const ABOUT = `One endpoint in front of every model provider: what clients call (inference), and what operators call (\`/api\`).

**Inference** takes a key and speaks each client's own dialect; fields that are not named here are carried as well.

**Management** takes a key with \`admin\`, or the dashboard's session. Lists answer \`{data, next_cursor, as_of}\` and take \`limit\` and \`cursor\`. Errors are \`{error: {code, message, type, param}}\`; \`code\` is a word that stays. What has a \`version\` names it in \`ETag\`, and a change takes it in \`If-Match\`. Money is whole nano-USD, with the same in USD beside it. Moments are UTC.`;

/**
 * The whole API as OpenAPI 3.1, made from the schemas by which requests are validated and answers are typed.
 *
 * @param routes the management API's registered routes: what they read is told by their validators.
 */
export function describeApi(routes: readonly RouterRoute[]): JsonSchema {
  const writer = new SchemaWriter();
  const paths = { ...inferencePaths(writer), ...adminPaths(routes, writer) };
  const responses = { ...inferenceResponses(writer), ...adminResponses(writer) };
  const tags = [...INFERENCE_GROUPS, ...ADMIN_OPERATIONS].map(({ tag, about }) => ({ name: tag, description: about }));
  return {
    openapi: "3.1.1",
    info: {
      title: "GaiaRouter",
      version: VERSION,
      description: ABOUT,
      license: { name: "MIT", identifier: "MIT" },
    },
    tags,
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(writer.components).sort(([a], [b]) => (a < b ? -1 : 1))),
      parameters: PARAMETERS,
      headers: HEADERS,
      responses,
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}
