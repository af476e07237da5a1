import { z } from "zod";

export type JsonSchema = Record<string, unknown>;

/** Whether a body is described as it is sent, or as it is answered. */
export type Direction = "input" | "output";

const DEFINED = "#/$defs/";
const COMPONENTS = "#/components/schemas/";

/** zod's name of a value's type, as JSON Schema has it. */
const typeOf = (value: unknown): string => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value);

/** What stands where nothing is sent. zod leaves it out of a schema that transforms, for it is of the transformed type. */
function tellDefault(schema: JsonSchema, { def }: z.core.$ZodType["_zod"]): void {
  if (def.type !== "default" || schema.default !== undefined) return;
  const value: unknown = (def as z.core.$ZodDefaultDef).defaultValue;
  const type = typeOf(value);
  if (type === schema.type || (type === "number" && schema.type === "integer")) schema.default = value;
}

/** `{anyOf: [{type: "string"}, {type: "null"}]}` in fewer words. */
function tellNullShortly(schema: JsonSchema): void {
  const [one, other, more] = (schema.anyOf ?? []) as JsonSchema[];
  if (
    more !== undefined ||
    other?.type !== "null" ||
    typeof one?.type !== "string" ||
    one.type === "object" ||
    one.enum !== undefined
  )
    return;
  delete schema.anyOf;
  Object.assign(schema, { ...one, ...schema, type: [one.type, "null"] });
}

/** What JSON Schema would say of zod's own bounds and patterns, and readers need not know. */
function tellLess(schema: JsonSchema): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  // The pattern says what the format says; a number, read from a query, has none.
  if (typeof schema.format === "string" || schema.type === "integer") delete schema.pattern;
  if ((schema.propertyNames as JsonSchema | undefined)?.type === "string") delete schema.propertyNames;
}

/** A schema for readers, with references to the document's components; inner schemas first. */
const readable = (schema: JsonSchema): JsonSchema =>
  JSON.parse(JSON.stringify(schema), (key, value) => {
    if (key === "$ref" && typeof value === "string") return value.replace(DEFINED, COMPONENTS);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    tellLess(value);
    tellNullShortly(value);
    return value;
  });

/** Turns zod schemas into JSON Schema as OpenAPI 3.1 has it (2020-12), and collects those that have an id. */
export class SchemaWriter {
  /** By id, for `components.schemas`. */
  readonly components: Record<string, JsonSchema> = {};

  /**
   * A schema, with what has an id as a reference. What JSON Schema cannot say (a refinement, a transformation) is left out:
   * it allows more than the validator, never less. Throws where two schemas have one id.
   */
  write(schema: z.ZodType, direction: Direction): JsonSchema {
    const written = z.toJSONSchema(z.strictObject({ it: schema }), {
      io: direction,
      unrepresentable: "any",
      override: ({ zodSchema, jsonSchema }) => tellDefault(jsonSchema as JsonSchema, zodSchema._zod),
    }) as unknown as { properties: { it: JsonSchema }; $defs?: Record<string, JsonSchema> };
    for (const [name, { id: _id, ...defined }] of Object.entries(written.$defs ?? {})) {
      this.#define(name, readable(defined));
    }
    return readable(written.properties.it);
  }

  #define(name: string, schema: JsonSchema): void {
    const known = this.components[name];
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`two schemas are called ${name}`);
    }
    this.components[name] = schema;
  }
}
