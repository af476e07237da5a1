import type { JsonSchema, SchemaWriter } from "./json-schema.ts";
import type { AnswerBody, Operation } from "./operation.ts";

/** A parameter that is described once, among the components. */
export const parameterRef = (name: string): JsonSchema => ({ $ref: `#/components/parameters/${name}` });

/** A query's fields as parameters; one that takes several values is sent once for each. */
export function queryParameters(schema: JsonSchema): JsonSchema[] {
  const required = (schema.required ?? []) as string[];
  return Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).map(([name, field]) => {
    const { description, ...rest } = field;
    return {
      name,
      in: "query",
      ...(required.includes(name) ? { required: true } : {}),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

export const bodyContent = (schema: JsonSchema): JsonSchema => ({
  required: true,
  content: { "application/json": { schema } },
});

const DESCRIPTIONS: Record<string, string> = {
  200: "Done.",
  201: "Made.",
  202: "On its way.",
  204: "Done; there is nothing to say.",
  302: "Go on there.",
};

/** Headers that are described once, among the components, by their names. */
export const headerRefs = (headers: Readonly<Record<string, string>>): JsonSchema =>
  Object.fromEntries(
    Object.entries(headers).map(([name, component]) => [name, { $ref: `#/components/headers/${component}` }]),
  );

function contentOf(body: Exclude<AnswerBody, null>, writer: SchemaWriter): JsonSchema {
  if (!("media" in body)) return { "application/json": { schema: writer.write(body, "output") } };
  return Object.fromEntries(
    Object.entries(body.media).map(([type, { description, schema }]) => [
      type,
      {
        // A line or an event is one of these; OpenAPI 3.1 has no word for a sequence of them.
        schema:
          schema === undefined || type !== "application/json"
            ? { type: "string", description }
            : writer.write(schema, "output"),
      },
    ]),
  );
}

/** Success by status. `headers`: components by the names of headers that answers have besides. */
export function successAnswers(
  answers: Operation["answers"],
  writer: SchemaWriter,
  headers: Readonly<Record<string, string>>,
): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(answers).map(([status, body]) => [
      status,
      {
        description: DESCRIPTIONS[status] ?? "Done.",
        headers: {
          ...headerRefs({ "x-request-id": "RequestId", ...headers }),
          ...(status === "302" ? { location: { description: "Where to.", schema: { type: "string" } } } : {}),
        },
        ...(body === null ? {} : { content: contentOf(body, writer) }),
      },
    ]),
  );
}
