import type { RouterRoute } from "hono/types";
import { exampleId, idPattern } from "../../lib/ids.ts";
import { schemaCarriedBy } from "../admin/carried-schema.ts";
import { ADMIN_KEY_PERMISSIONS, ROLE_PERMISSIONS, ROUTE_PERMISSIONS } from "../admin/permissions.ts";
import { error } from "../admin/schemas/common.ts";
import { ADMIN_OPERATIONS } from "../admin/schemas/operations.ts";
import { ADMIN_ERRORS } from "./admin-errors.ts";
import type { JsonSchema, SchemaWriter } from "./json-schema.ts";
import type { AdminOperation, OperationGroup, PathId } from "./operation.ts";
import { bodyContent, headerRefs, parameterRef, queryParameters, successAnswers } from "./parts.ts";

const ULID = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$";

/** A change; the rest only reads. */
const WRITES = /^(?:POST|PUT|PATCH|DELETE) /;

/** Routes before the gate that a session opens; the others of them are open to anybody. */
const SESSION_ONLY = ["GET /api/session", "DELETE /api/session"];

/** What every route behind the gate may answer, and every route before it. */
const GATED = [400, 401, 403, 404, 500, 503, 504];
const OPEN = [400, 500, 503];

/** Takes an `Idempotency-Key`, as the middleware has it: what changes something, not what is only asked with a POST. */
const isRepeatable = (route: string): boolean =>
  WRITES.test(route) && ROUTE_PERMISSIONS[route]?.endsWith(":write") === true;

/** `/api/keys/:id` as OpenAPI writes it. */
const templated = (path: string): string => path.replace(/:(\w+)/g, "{$1}");

/** What a path's id looks like. */
function idSchema(pathId: PathId): JsonSchema {
  switch (pathId) {
    case "ulid":
      return { type: "string", pattern: ULID };
    case "model":
      return { type: "string", description: "`provider/model`.", examples: ["openai/gpt-6.1-sol"] };
    default:
      return { type: "string", pattern: idPattern(pathId), examples: [exampleId(pathId)] };
  }
}

const idParameter = (pathId: PathId): JsonSchema => ({
  ...{ name: "id", in: "path", required: true, schema: idSchema(pathId) },
});

/** Who may call it: a key, or somebody signed in, whose changes also take a header that no other site can send. */
function securityOf(route: string): Record<string, never[]>[] {
  const permission = ROUTE_PERMISSIONS[route];
  const person: Record<string, never[]> = WRITES.test(route) ? { session: [], csrf: [] } : { session: [] };
  if (permission === undefined) return SESSION_ONLY.includes(route) ? [person] : [];
  return ADMIN_KEY_PERMISSIONS.has(permission) ? [{ adminKey: [] }, person] : [person];
}

/** The same for people. */
function permissionNote(route: string): string {
  const permission = ROUTE_PERMISSIONS[route];
  if (permission === undefined) return "";
  const roles = Object.entries(ROLE_PERMISSIONS).flatMap(([role, may]) => (may.has(permission) ? [role] : []));
  const key = ADMIN_KEY_PERMISSIONS.has(permission) ? ", and keys with `admin`" : "; no key";
  return `Needs \`${permission}\`: ${roles.map((role) => `\`${role}\``).join(", ")}${key}.`;
}

/** One route as OpenAPI describes it; what it reads is told by the schemas its validators carry. */
function operationOf(
  route: string,
  { id, summary, description, answers, errors = [], etag, ifMatch, ifNoneMatch }: AdminOperation,
  { tag, pathId }: OperationGroup<AdminOperation>,
  handlers: readonly object[],
  writer: SchemaWriter,
): JsonSchema {
  const gated = ROUTE_PERMISSIONS[route] !== undefined;
  const repeatable = isRepeatable(route);
  const schemas = handlers.flatMap((handler) => schemaCarriedBy(handler) ?? []);
  const body = schemas.find(({ part }) => part === "json");
  const asked = schemas.find(({ part }) => part === "query");
  const statuses = [
    ...(gated ? GATED : OPEN),
    ...(body ? [413, 415] : []),
    ...(ifMatch ? [412] : []),
    ...(repeatable ? [409] : []),
    ...errors,
  ].sort((a, b) => a - b);
  const note = permissionNote(route);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description || note ? { description: [description, note].filter(Boolean).join("\n\n") } : {}),
    security: securityOf(route),
    parameters: [
      ...(route.includes(":id") ? [idParameter(pathId)] : []),
      ...(asked ? queryParameters(writer.write(asked.schema, "input")) : []),
      ...(gated ? [parameterRef("Organization")] : []),
      ...(ifMatch ? [parameterRef("IfMatch")] : []),
      ...(ifNoneMatch ? [parameterRef("IfNoneMatch")] : []),
      ...(repeatable ? [parameterRef("IdempotencyKey")] : []),
    ],
    ...(body ? { requestBody: bodyContent(writer.write(body.schema, "input")) } : {}),
    responses: {
      ...successAnswers(answers, writer, {
        ...(etag ? { etag: "ETag" } : {}),
        ...(repeatable ? { "idempotency-replayed": "IdempotencyReplayed" } : {}),
      }),
      ...Object.fromEntries(
        [...new Set(statuses)].map((status) => [
          status,
          { $ref: `#/components/responses/${ADMIN_ERRORS[status]?.name ?? "InternalError"}` },
        ]),
      ),
    },
  };
}

/** The management API's paths, from the routes that are registered; one the contract does not name is not among them. */
export function adminPaths(routes: readonly RouterRoute[], writer: SchemaWriter): Record<string, JsonSchema> {
  const paths: Record<string, JsonSchema> = {};
  for (const group of ADMIN_OPERATIONS) {
    for (const [route, operation] of Object.entries(group.operations)) {
      const [method = "", path = ""] = route.split(" ");
      const handlers = routes.filter((one) => one.method === method && one.path === path).map(({ handler }) => handler);
      if (handlers.length === 0) continue;
      const place = templated(path);
      paths[place] = {
        ...paths[place],
        [method.toLowerCase()]: operationOf(route, operation, group, handlers, writer),
      };
    }
  }
  return paths;
}

/** The errors of the management API as components. */
export const adminResponses = (writer: SchemaWriter): Record<string, JsonSchema> =>
  Object.fromEntries(
    Object.entries(ADMIN_ERRORS).map(([status, { name, description, codes }]) => [
      name,
      {
        description: `${description} Codes: ${codes.map((code) => `\`${code}\``).join(", ")}.`,
        headers: headerRefs({
          "x-request-id": "RequestId",
          ...(status === "429" || status === "503" ? { "retry-after": "RetryAfter" } : {}),
          ...(status === "412" ? { etag: "ETag" } : {}),
        }),
        content: { "application/json": { schema: writer.write(error, "output") } },
      },
    ]),
  );
