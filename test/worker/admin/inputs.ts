import { z } from "zod";
import type { AdminApi } from "../../../worker/api/admin/api.ts";
import { schemaCarriedBy } from "../../../worker/api/admin/carried-schema.ts";
import { type IdKind, idPattern } from "../../../worker/lib/ids.ts";

/** One text that a route reads: where it stands, and what it must be. */
export interface TextField {
  where: "path" | "query" | "json";
  /** `id`, `organization`, `targets.[].model`. */
  path: string[];
  /** What it takes the ids of; null for a text of another kind. */
  kind: IdKind | "request" | null;
  schema: z.ZodType;
}

export interface RouteInput {
  query: z.ZodType | null;
  json: z.ZodType | null;
  texts: TextField[];
}

type Def = { type: string } & Record<string, unknown>;
const defOf = (schema: z.ZodType): Def => (schema as unknown as { _zod: { def: Def } })._zod.def;
const WRAPPERS = new Set(["optional", "nullable", "default", "prefault", "nonoptional", "readonly", "catch"]);

/** What may hold anything, and what nobody sends. */
const NO_FIELDS = new Set(["record", "unknown", "any", "null", "undefined", "transform", "never"]);

/** Every field in a schema that a text may be sent for, also where it must be a number. */
function textsOf(schema: z.ZodType, path: string[]): Omit<TextField, "where">[] {
  const def = defOf(schema);
  if (WRAPPERS.has(def.type)) return textsOf(def.innerType as z.ZodType, path);
  if (def.type === "pipe") return textsOf(def.in as z.ZodType, path);
  if (def.type === "array") return textsOf(def.element as z.ZodType, [...path, "[]"]);
  if (def.type === "union") return (def.options as z.ZodType[]).flatMap((one) => textsOf(one, path));
  if (def.type === "object") {
    return Object.entries(def.shape as Record<string, z.ZodType>).flatMap(([name, one]) =>
      textsOf(one, [...path, name]),
    );
  }
  if (NO_FIELDS.has(def.type)) return [];
  return [{ path, kind: idKindOf(schema), schema }];
}

/**
 * Whose ids stand in the path of a route, by what comes before them. Null: names that are nobody's, whoever asks.
 */
const PATH_KINDS: Record<string, IdKind | "request" | null> = {
  organizations: "org",
  keys: "key",
  limits: "lim",
  prices: "prc",
  routes: "rte",
  webhooks: "whk",
  views: "viw",
  members: "usr",
  invites: "inv",
  sessions: "ses",
  passkeys: "pky",
  requests: "request",
  models: null,
};

const KINDS = new Set(Object.values(PATH_KINDS).filter((kind) => kind !== null && kind !== "request"));

/** What a schema takes the ids of, as it describes itself; null for one that takes something else. */
function idKindOf(schema: z.ZodType): IdKind | null {
  const pattern = schema.meta()?.pattern;
  return [...KINDS].find((kind) => idPattern(kind) === pattern) ?? null;
}

/** What each route reads, out of the route table itself. A path id of a kind that is not known throws. */
export function inputsOf(api: AdminApi): Map<string, RouteInput> {
  const found = new Map<string, RouteInput>();
  for (const { method, path, handler } of api.routes) {
    if (method === "ALL") continue;
    const name = `${method} ${path}`;
    const input = found.get(name) ?? { query: null, json: null, texts: pathTexts(path) };
    found.set(name, input);
    const read = schemaCarriedBy(handler);
    if (read === undefined) continue;
    input[read.part] = read.schema;
    const known = new Set<string>();
    for (const text of textsOf(read.schema, [])) {
      // A union has several spellings of one field.
      if (known.has(text.path.join("."))) continue;
      known.add(text.path.join("."));
      input.texts.push({ ...text, where: read.part });
    }
  }
  return found;
}

function pathTexts(path: string): TextField[] {
  const parts = path.split("/");
  return parts.flatMap((part, index): TextField[] => {
    if (!part.startsWith(":")) return [];
    const kind = PATH_KINDS[parts[index - 1] ?? ""];
    if (kind === undefined) throw new Error(`nothing is known of the id in ${path}`);
    return [{ where: "path", path: [part.slice(1)], kind, schema: z.string() }];
  });
}

/** Texts of which most schemas take one. */
const SAMPLES = ["x", "openai/gpt-4.1", "2027-01-01T00:00:00Z", "1", "0.5", "a@example.com", "https://example.com/x"];

/** Something a schema takes, with nothing in it that may be left out. */
export function sampleOf(schema: z.ZodType): unknown {
  const def = defOf(schema);
  if (def.type === "optional" || def.type === "default") return undefined;
  const taken = [...SAMPLES, "x".repeat(12), 1, 100, true].find((value) => schema.safeParse(value).success);
  if (taken !== undefined) return taken;
  if (WRAPPERS.has(def.type)) return sampleOf(def.innerType as z.ZodType);
  if (def.type === "pipe") return sampleOf(def.in as z.ZodType);
  if (def.type === "array") return [sampleOf(def.element as z.ZodType)];
  if (def.type === "enum") return Object.values(def.entries as object)[0];
  if (def.type === "union") return sampleOf((def.options as [z.ZodType])[0]);
  if (def.type === "object") {
    const shape = Object.entries(def.shape as Record<string, z.ZodType>);
    return Object.fromEntries(shape.map(([name, one]) => [name, sampleOf(one)]).filter(([, one]) => one !== undefined));
  }
  return undefined;
}

/** What a schema takes where it takes anything. */
function unwrapped(schema: z.ZodType): z.ZodType {
  const def = defOf(schema);
  return WRAPPERS.has(def.type) ? unwrapped(def.innerType as z.ZodType) : schema;
}

/** The schema at a step of a path. */
function within(schema: z.ZodType, step: string): z.ZodType {
  const def = defOf(unwrapped(schema));
  if (def.type === "pipe") return within(def.in as z.ZodType, step);
  if (def.type === "union") {
    const options = def.options as [z.ZodType, ...z.ZodType[]];
    return within(options.find((one) => textsOf(one, []).some(({ path }) => path[0] === step)) ?? options[0], step);
  }
  if (def.type === "array") return def.element as z.ZodType;
  return (def.shape as Record<string, z.ZodType>)[step] ?? z.unknown();
}

/** A value with another at a path of it; what is missing on the way is made up. */
export function withText(schema: z.ZodType, value: unknown, path: readonly string[], text: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return text;
  const base = value ?? sampleOf(unwrapped(schema)) ?? {};
  const inner = within(schema, step);
  if (step === "[]") return [withText(inner, Array.isArray(base) ? base[0] : undefined, rest, text)];
  const object = base as Record<string, unknown>;
  return { ...object, [step]: withText(inner, object[step], rest, text) };
}

/** A value's text at a path; the first of a list. */
export const textAt = (value: unknown, [step, ...rest]: readonly string[]): unknown =>
  step === undefined || value === undefined || value === null
    ? value
    : textAt(step === "[]" ? (value as unknown[])[0] : (value as Record<string, unknown>)[step], rest);
