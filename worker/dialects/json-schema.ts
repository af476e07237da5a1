import { isObject, type JsonObject, textOf } from "../lib/json.ts";
import { ownValue } from "../lib/own-value.ts";

/**
 * Rewrites JSON Schemas for vendors that know a part of it (DIALECTS §2.8). Only schema positions are walked, so that a
 * property that is called like a keyword stays. What is taken out as a mere bound is told in `description`, where the
 * model reads it; what changed the meaning is reported.
 */
export interface RewrittenSchema {
  schema: JsonObject;
  /** Something that decides which values are valid had to go. */
  relaxed: boolean;
  /** The vendor cannot promise this schema at all: a sentence on why. Null when it can. */
  unrepresentable: string | null;
}

interface SchemaRules {
  keywords: ReadonlySet<string>;
  formats: ReadonlySet<string> | null;
  /** Regular expressions may look around. */
  lookAround: boolean;
  /** `const` has to be an `enum` of one. */
  constAsEnum: boolean;
  /** Every object is closed: `additionalProperties: false` is added, and anything else there cannot be kept. */
  closedObjects: boolean;
  recursion: boolean;
  /** Most optional properties in the whole schema. */
  optionals: number;
}

const words = (text: string): Set<string> => new Set(text.split(/\s+/));

/** Gemini's `responseJsonSchema` and `parametersJsonSchema` (GenerationConfig reference). */
const GEMINI: SchemaRules = {
  keywords: words(
    `$id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems minimum maximum anyOf
    oneOf properties additionalProperties required propertyOrdering`,
  ),
  formats: null,
  lookAround: true,
  constAsEnum: true,
  closedObjects: false,
  recursion: true,
  optionals: Number.POSITIVE_INFINITY,
};

/** Anthropic's structured outputs and strict tools. */
const ANTHROPIC: SchemaRules = {
  keywords: words(
    "$schema $id $defs $ref type format title description default enum const items anyOf properties additionalProperties required",
  ),
  formats: words("date-time time date duration email hostname uri ipv4 ipv6 uuid"),
  lookAround: true,
  constAsEnum: false,
  closedObjects: true,
  recursion: false,
  optionals: 24,
};

/** OpenAI's strict mode (its guide to structured outputs, "supported schemas"). */
const OPENAI: SchemaRules = {
  keywords: words(
    `$schema $id $comment $defs $ref type format title description default examples enum const items anyOf properties
    additionalProperties required minLength maxLength pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf
    minItems maxItems`,
  ),
  formats: words("date-time time date duration email hostname ipv4 ipv6 uuid"),
  lookAround: false,
  constAsEnum: false,
  closedObjects: true,
  recursion: true,
  optionals: 0,
};

/** Keywords that only annotate: dropping them changes nothing. */
const ANNOTATIONS = words(
  "$schema $comment $id $anchor title default examples deprecated readOnly writeOnly propertyOrdering",
);
/** Keywords that bound a value: a model that reads them in words keeps them mostly. */
const BOUNDS = words(
  `minLength maxLength pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems uniqueItems
  minProperties maxProperties format contentEncoding contentMediaType`,
);

/** Older or wider words for the same, where a vendor knows only the one. */
const OTHER_NAMES: Record<string, string> = { definitions: "$defs", oneOf: "anyOf" };

const SCHEMA_MAPS = ["properties", "$defs", "definitions"];
const SCHEMA_LISTS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const SCHEMA_HOLDERS = ["items", "additionalProperties"];

/** Characters that references may add to a schema, more than any of people's needs; the rest stay references. */
const MOST_RESOLVED = 100_000;

class Rewriter {
  relaxed = false;
  unrepresentable: string | null = null;
  #optionals = 0;
  readonly #rules: SchemaRules;
  readonly #definitions: JsonObject;
  /** Definitions that what is being rewritten stands for. */
  readonly #open = new Set<string>();
  /** What references may still add; one may hold several others, and be met often. */
  #left = MOST_RESOLVED;
  readonly #lengths = new Map<string, number>();

  constructor(rules: SchemaRules, root: JsonObject) {
    this.#rules = rules;
    this.#definitions = definitionsOf(root);
  }

  rewrite(schema: JsonObject): JsonObject {
    const { allOf, ...others } = schema;
    const [only, ...more] = Array.isArray(allOf) ? allOf : [];
    if (isObject(only) && typeof only.$ref === "string" && more.length === 0)
      return this.rewrite({ ...only, ...others });
    if (typeof schema.$ref === "string") return this.#reference(schema);
    const out: JsonObject = {};
    const told: string[] = [];
    for (const [name, value] of Object.entries(schema)) this.#keyword(name, value, out, told);
    if (isObjectSchema(out)) this.#object(out);
    if (told.length > 0) {
      const words = `(${told.join(", ")})`;
      out.description = typeof out.description === "string" ? `${out.description} ${words}` : words;
    }
    return out;
  }

  /** Next to a reference no vendor takes anything: with something there, what it refers to stands in its place. */
  #reference(schema: JsonObject): JsonObject {
    const { $ref, ...beside } = schema;
    const whole = Object.keys(beside).length === 0 ? null : this.#dereferenced(schema, (one) => this.rewrite(one));
    if (whole !== null) return whole;
    if (Object.keys(beside).some((name) => name !== "description" && !ANNOTATIONS.has(name))) this.relaxed = true;
    return { $ref };
  }

  /** What a reference stands for, with what is beside it; null inside itself, where it has to stay a reference. */
  #dereferenced<T>({ $ref, ...beside }: JsonObject, use: (whole: JsonObject) => T): T | null {
    const name = definitionName($ref);
    const definition = name === null ? undefined : ownValue(this.#definitions, name);
    if (name === null || !isObject(definition) || this.#open.has(name)) return null;
    const length = this.#lengths.get(name) ?? JSON.stringify(definition).length;
    this.#lengths.set(name, length);
    if (length > this.#left) return null;
    this.#left -= length;
    this.#open.add(name);
    const used = use({ ...definition, ...beside });
    this.#open.delete(name);
    return used;
  }

  #keyword(name: string, value: unknown, out: JsonObject, told: string[]): void {
    const { keywords, formats, lookAround, constAsEnum } = this.#rules;
    const other = ownValue(OTHER_NAMES, name);
    if (other !== undefined && !keywords.has(name)) {
      this.#keyword(other, value, out, told);
      return;
    }
    if (name === "const" && constAsEnum) {
      out.enum = [value];
      return;
    }
    if (name === "allOf" && !keywords.has(name)) {
      this.#allOf(value, out, told);
      return;
    }
    if (name === "items" && Array.isArray(value)) {
      this.#keyword("prefixItems", value, out, told);
      return;
    }
    const known =
      keywords.has(name) &&
      !(name === "format" && formats !== null && !formats.has(textOf(value))) &&
      !(name === "pattern" && !lookAround && /\(\?<?[=!]/.test(textOf(value)));
    if (known) out[name] = this.#inner(name, value);
    else if (BOUNDS.has(name)) told.push(`${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`);
    else if (!ANNOTATIONS.has(name)) this.relaxed = true;
  }

  /** A conjunction of one is that one; of more, their members together, which holds for the objects people write. */
  #allOf(value: unknown, out: JsonObject, told: string[]): void {
    if (!Array.isArray(value)) return;
    if (value.length > 1) this.relaxed = true;
    for (const part of value) {
      if (!isObject(part)) continue;
      if (part.$ref === undefined) this.#merge(part, out, told);
      else this.#dereferenced(part, (whole) => this.#merge(whole, out, told));
    }
  }

  #merge(part: JsonObject, out: JsonObject, told: string[]): void {
    for (const [name, inner] of Object.entries(part)) {
      const before = out[name];
      if (name === "properties" && isObject(before))
        out[name] = { ...before, ...(this.#inner(name, inner) as JsonObject) };
      else if (name === "required" && Array.isArray(before) && Array.isArray(inner))
        out[name] = [...new Set([...before, ...inner])];
      else this.#keyword(name, inner, out, told);
    }
  }

  #inner(name: string, value: unknown): unknown {
    const each = (inner: unknown) => (isObject(inner) ? this.rewrite(inner) : inner);
    if (SCHEMA_MAPS.includes(name) && isObject(value)) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, each(inner)]));
    }
    if (SCHEMA_LISTS.includes(name) && Array.isArray(value)) return value.map(each);
    if (SCHEMA_HOLDERS.includes(name)) return each(value);
    return value;
  }

  #object(out: JsonObject): void {
    const { properties, required, additionalProperties: others, anyOf } = out;
    const wanted = Array.isArray(required) ? required : [];
    this.#optionals += Object.keys(objectOf(properties)).filter((name) => !wanted.includes(name)).length;
    if (this.#optionals > this.#rules.optionals) {
      this.unrepresentable = `it has more than ${this.#rules.optionals} optional properties`;
    }
    if (!this.#rules.closedObjects) return;
    // Without a word on its properties an object may have any; closed, it could have none.
    const free = others === undefined && properties === undefined && anyOf === undefined;
    if (free || (others !== undefined && others !== false)) {
      this.unrepresentable = "it has an object with properties of any name (additionalProperties)";
    }
    out.additionalProperties = false;
  }
}

const isObjectSchema = (schema: JsonObject): boolean =>
  schema.type === "object" ||
  (Array.isArray(schema.type) && schema.type.includes("object")) ||
  isObject(schema.properties);

/** Every schema below a schema, in its schema positions. */
function* subschemas(schema: JsonObject): Generator<JsonObject> {
  yield schema;
  for (const [name, value] of Object.entries(schema)) {
    if (SCHEMA_MAPS.includes(name) && isObject(value)) {
      for (const inner of Object.values(value)) if (isObject(inner)) yield* subschemas(inner);
    } else if (SCHEMA_LISTS.includes(name) && Array.isArray(value)) {
      for (const inner of value) if (isObject(inner)) yield* subschemas(inner);
    } else if (SCHEMA_HOLDERS.includes(name) && isObject(value)) yield* subschemas(value);
  }
}

const definitionName = (reference: unknown): string | null =>
  typeof reference === "string" ? (/^#\/(?:\$defs|definitions)\/(.+)$/.exec(reference)?.[1] ?? null) : null;

/** Whether a schema refers to itself, by its root or through its definitions. */
function isRecursive(schema: JsonObject): boolean {
  const definitions = definitionsOf(schema);
  const references = (from: JsonObject): string[] =>
    [...subschemas({ ...from, $defs: undefined, definitions: undefined })].flatMap((one) => {
      if (one.$ref === "#") return ["#"];
      const name = definitionName(one.$ref);
      return name === null ? [] : [name];
    });
  if (references(schema).includes("#")) return true;
  const visiting = new Set<string>();
  const done = new Set<string>();
  const meetsItself = (name: string): boolean => {
    if (visiting.has(name)) return true;
    const definition = definitions[name];
    if (done.has(name) || !isObject(definition)) return false;
    visiting.add(name);
    const found = references(definition).some((next) => next === "#" || meetsItself(next));
    visiting.delete(name);
    done.add(name);
    return found;
  };
  return Object.keys(definitions).some(meetsItself);
}

const definitionsOf = (root: JsonObject): JsonObject => ({ ...objectOf(root.definitions), ...objectOf(root.$defs) });

const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

function rewrite(schema: JsonObject, rules: SchemaRules): RewrittenSchema {
  const rewriter = new Rewriter(rules, schema);
  const rewritten = rewriter.rewrite(schema);
  const recursive = !rules.recursion && isRecursive(schema);
  return {
    schema: renameReferences(rewritten, schema),
    relaxed: rewriter.relaxed,
    unrepresentable: recursive ? "it refers to itself" : rewriter.unrepresentable,
  };
}

/** `#/definitions/…` where the definitions have moved to `$defs`. */
function renameReferences(schema: JsonObject, before: JsonObject): JsonObject {
  if (!isObject(before.definitions)) return schema;
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      key === "$ref" && typeof value === "string" ? value.replace(/^#\/definitions\//, "#/$defs/") : value,
    ),
  ) as JsonObject;
}

export const schemaForGemini = (schema: JsonObject): RewrittenSchema => rewrite(schema, GEMINI);
export const schemaForAnthropic = (schema: JsonObject): RewrittenSchema => rewrite(schema, ANTHROPIC);

/** The schema in the form OpenAI's strict mode takes, or null when only a change of meaning would bring it there. */
export function schemaForOpenAiStrict(schema: JsonObject): JsonObject | null {
  const { schema: rewritten, relaxed, unrepresentable } = rewrite(schema, OPENAI);
  const fits = rewritten.type === "object" && rewritten.anyOf === undefined && !relaxed && unrepresentable === null;
  return fits ? rewritten : null;
}

/** A schema of an object as OpenAI wants any to be: by its root's own word, not by reference. Null when it is of no object. */
export function objectSchema(schema: JsonObject): JsonObject | null {
  const { $ref, ...beside } = schema;
  const definition = ownValue(definitionsOf(schema), definitionName($ref) ?? "");
  const whole = isObject(definition) ? { ...definition, ...beside } : schema;
  if (whole.type === "object") return whole;
  return whole.type === undefined && isObject(whole.properties) ? { type: "object", ...whole } : null;
}

/** What neither OpenAI nor Anthropic takes at the root of a function's parameters. */
const NOT_AT_ROOT = words("oneOf anyOf allOf not enum");

/** A function's parameters where nothing is promised: those of one object, anything that chooses among objects told in words. */
export function parametersSchema(schema: JsonObject): { schema: JsonObject; relaxed: boolean } {
  const whole = objectSchema(schema) ?? { ...schema, type: "object" };
  const entries = Object.entries(whole);
  const told = entries.filter(([name]) => NOT_AT_ROOT.has(name));
  if (told.length === 0) return { schema: whole, relaxed: false };
  const description = [whole.description, ...told.map(([name, value]) => `(${name}: ${JSON.stringify(value)})`)];
  const rest = Object.fromEntries(entries.filter(([name]) => !NOT_AT_ROOT.has(name)));
  return { schema: { ...rest, description: description.filter((one) => one !== undefined).join(" ") }, relaxed: true };
}

/** A schema in words of the current draft (2020-12): a tuple's items, and bounds that exclude, were spelled otherwise. */
export function inCurrentDraft(schema: JsonObject): JsonObject {
  const each = (value: unknown) => (isObject(value) ? inCurrentDraft(value) : value);
  const out: JsonObject = {};
  for (const [name, value] of Object.entries(schema)) {
    if (name === "items" && Array.isArray(value)) out.prefixItems = value.map(each);
    else if (name === "additionalItems" && Array.isArray(schema.items)) out.items = each(value);
    else if (SCHEMA_MAPS.includes(name) && isObject(value)) {
      out[name] = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, each(inner)]));
    } else if (SCHEMA_LISTS.includes(name) && Array.isArray(value)) out[name] = value.map(each);
    else out[name] = SCHEMA_HOLDERS.includes(name) ? each(value) : value;
  }
  for (const [bound, excluding] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    if (typeof out[excluding] !== "boolean") continue;
    if (out[excluding] && out[bound] !== undefined) {
      out[excluding] = out[bound];
      delete out[bound];
    } else delete out[excluding];
  }
  return out;
}

/** Gemini's older schema form (a subset of OpenAPI 3.0) as JSON Schema: lower-case types, `nullable` as a type. */
export function schemaFromOpenApi(schema: JsonObject): JsonObject {
  const out: JsonObject = {};
  for (const [name, value] of Object.entries(schema)) {
    if (name === "nullable") continue;
    if (name === "type" && typeof value === "string") out.type = value.toLowerCase();
    else if (name === "properties" && isObject(value)) {
      out.properties = Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, isObject(inner) ? schemaFromOpenApi(inner) : inner]),
      );
    } else if (name === "items" && isObject(value)) out.items = schemaFromOpenApi(value);
    else if (name === "anyOf" && Array.isArray(value)) {
      out.anyOf = value.map((inner) => (isObject(inner) ? schemaFromOpenApi(inner) : inner));
    } else if (/^(?:min|max)(?:Items|Length|Properties)$/.test(name) && typeof value === "string")
      out[name] = Number(value);
    else if (name === "example") out.examples = [value];
    else out[name] = value;
  }
  if (schema.nullable === true && typeof out.type === "string") out.type = [out.type, "null"];
  if (Array.isArray(out.enum) && schema.nullable === true) out.enum = [...out.enum, null];
  return out;
}
