import type { JsonObject } from "../../../worker/lib/json.ts";

/**
 * What a dialect's request is documented to hold, as a tree that runs beside the types of its SDK: objects with their
 * members, each with values to try. A test walks both and fails where the SDK knows a member that the tree lacks.
 */

/** An object of the request, and how to put a valid one into a body. */
export interface Shape {
  /** A valid instance, without members that are not needed. */
  minimal: JsonObject;
  fields: Record<string, Field>;
  /** Members the object around it needs for this one to be valid there. */
  within?: JsonObject;
  /** The elements of the list it stands in, before and after it. */
  before?: unknown[];
  after?: unknown[];
  /** One thing to the gateway: it is kept or named as a whole, and its members are not tried by themselves. */
  opaque?: boolean;
}

/** Variants of an object by what tells them apart: the literals of `type`, else of `role`, else "". */
export type Variants = Record<string, Shape>;

export interface Field {
  /** Values to try. */
  samples: unknown[];
  /** What a value may have become where it arrives: its leaves in the target's words, or `member=leaf`. */
  arrivesAs?: unknown[];
  /** What is sent without the field as well, and is all that it asks for: `member=leaf`. */
  already?: string[];
  /** What a refusal names instead, where two fields have to fit. */
  refusedAt?: RegExp;
  /** The same for each value by itself. */
  cases?: ReadonlyMap<unknown, unknown[]>;
  /** What tells variants apart, and is not a field by itself. */
  fixed?: boolean;
  /** What is below is named as a whole; the SDK's types are not followed further. */
  opaque?: boolean;
  /** The SDK's own business: never on the wire. */
  notOnWire?: boolean;
  /** Beside the SDK's types: a convention of other hosts and gateways. */
  convention?: boolean;
  /** The object, or the objects, that stand there. */
  one?: Variants;
  many?: Variants;
}

const isShape = (value: Shape | Variants): value is Shape => "fields" in value && "minimal" in value;
const variants = (value: Shape | Variants): Variants => (isShape(value) ? { "": value } : value);

/** An object that is kept or named as a whole. */
export const opaque = (minimal: JsonObject, place: Pick<Shape, "within" | "before" | "after"> = {}): Shape => ({
  minimal,
  fields: {},
  opaque: true,
  ...place,
});

/** A plain value. */
export const of = (...samples: unknown[]): Field => ({ samples });
/** A value whose inner structure is one thing to the gateway: it is kept or named as a whole. */
export const whole = (...samples: unknown[]): Field => ({ samples, opaque: true });
export const fixed: Field = { samples: [], fixed: true };
export const notOnWire: Field = { samples: [], notOnWire: true, opaque: true };
/** An object; `samples` are other forms of it (a text, an id). */
export const one = (shape: Shape | Variants, ...samples: unknown[]): Field => ({ samples, one: variants(shape) });
export const many = (shape: Shape | Variants, ...samples: unknown[]): Field => ({ samples, many: variants(shape) });
/** The same value, which reaches a target in other words. */
export const as = (field: Field, ...arrivesAs: unknown[]): Field => ({ ...field, arrivesAs });
export const already = (field: Field, ...facts: string[]): Field => ({ ...field, already: facts });
export const refusedAt = (field: Field, param: RegExp): Field => ({ ...field, refusedAt: param });
/** Values that each become something of their own: the value, and what it may be in other words. */
export const each = (...cases: [sample: unknown, ...arrivesAs: unknown[]][]): Field => ({
  samples: cases.map(([sample]) => sample),
  cases: new Map(cases.map(([sample, ...arrivesAs]) => [sample, arrivesAs])),
});
/** Known by convention, not by the SDK. */
export const convention = (field: Field): Field => ({ ...field, convention: true });

/** One thing to try: a body without a field, and with it. */
export interface Mutation {
  /** Path with `[]` and variants, e.g. `messages[user].content[text].text`. */
  pattern: string;
  /** Path in the body, as an error or a warning would name it. */
  path: string;
  base: JsonObject;
  mutated: JsonObject;
  sample: unknown;
  field: Field;
}

interface Place {
  shape: Shape;
  pattern: string;
  path: string;
  /** A body that holds an instance, and the instance in it. */
  make(): { body: JsonObject; instance: JsonObject };
}

const clone = <T>(value: T): T => structuredClone(value);

function* mutationsAt({ shape, pattern, path, make }: Place): Generator<Mutation> {
  if (shape.opaque === true) return;
  for (const [name, field] of Object.entries(shape.fields)) {
    const at = path === "" ? name : `${path}.${name}`;
    const called = pattern === "" ? name : `${pattern}.${name}`;
    for (const sample of field.samples) {
      const { body, instance } = make();
      const base = clone(body);
      instance[name] = clone(sample);
      const arrivesAs = field.cases?.get(sample) ?? field.arrivesAs ?? [];
      yield { pattern: called, path: at, base, mutated: body, sample, field: { ...field, arrivesAs } };
    }
    for (const [variant, inner] of Object.entries({ ...field.one, ...field.many })) {
      if (inner.opaque !== true) continue;
      const listed = field.many?.[variant] === inner;
      const { body, instance } = make();
      Object.assign(instance, clone(inner.within ?? {}));
      const base = clone(body);
      const [before, after] = [inner.before ?? [], inner.after ?? []];
      instance[name] = listed ? [...clone(before), clone(inner.minimal), ...clone(after)] : clone(inner.minimal);
      yield {
        pattern: listed ? `${called}[${variant}]` : `${called}(${variant})`,
        path: listed ? `${at}[${before.length}]` : at,
        base,
        mutated: body,
        sample: inner.minimal,
        field,
      };
    }
    for (const [variant, inner] of Object.entries(field.one ?? {})) {
      yield* mutationsAt({
        shape: inner,
        pattern: variant === "" ? called : `${called}(${variant})`,
        path: at,
        make() {
          const { body, instance } = make();
          const placed = clone(inner.minimal);
          Object.assign(instance, clone(inner.within ?? {}));
          instance[name] = placed;
          return { body, instance: placed };
        },
      });
    }
    for (const [variant, inner] of Object.entries(field.many ?? {})) {
      const before = inner.before ?? [];
      yield* mutationsAt({
        shape: inner,
        pattern: `${called}[${variant}]`,
        path: `${at}[${before.length}]`,
        make() {
          const { body, instance } = make();
          const placed = clone(inner.minimal);
          Object.assign(instance, clone(inner.within ?? {}));
          instance[name] = [...clone(before), placed, ...clone(inner.after ?? [])];
          return { body, instance: placed };
        },
      });
    }
  }
}

/** Every field of the tree at every place, with each of its values. */
export const mutationsOf = (root: Shape): Generator<Mutation> =>
  mutationsAt({
    shape: root,
    pattern: "",
    path: "",
    make() {
      const body = clone(root.minimal);
      return { body, instance: body };
    },
  });
