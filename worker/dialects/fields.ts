import type { Source } from "../canonical/source.ts";
import { GatewayError } from "../errors.ts";
import { isObject, type JsonObject } from "../lib/json.ts";

/**
 * Reads a JSON object of a client's request member by member and knows afterwards what nobody read: that goes into
 * `Source.rest`, so no field can be lost by being forgotten. `null` counts as absent and stays in the rest. A member of
 * another type than asked for is refused with its path.
 */
export class Fields {
  readonly #object: JsonObject;
  readonly #taken = new Set<string>();
  readonly #inner: { key: string; fields: Fields }[] = [];
  readonly #proto: boolean;
  /** Members that were found under their snake_case name, by the camelCase one. */
  readonly snakes: string[] = [];
  /** Lists whose only element stood there without a list, which Google takes as well. */
  readonly singles: string[] = [];
  readonly path: string;

  /** `proto`: proto JSON, where a member may be called `camelCase` or `snake_case`; it is asked for by the former. */
  constructor(object: JsonObject, path: string, proto = false) {
    this.#object = object;
    this.path = path;
    this.#proto = proto;
  }

  /** The member's name as the client spelled it. */
  #name(key: string): string {
    if (!this.#proto || Object.hasOwn(this.#object, key)) return key;
    const snake = snakeCase(key);
    return Object.hasOwn(this.#object, snake) ? snake : key;
  }

  /** The path of a member. */
  at(key: string): string {
    const name = this.#name(key);
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  has(key: string): boolean {
    return this.peek(key) !== undefined;
  }

  /** Looks without taking. */
  peek(key: string): unknown {
    return this.#object[this.#name(key)] ?? undefined;
  }

  /** Any value. */
  take(key: string): unknown {
    const name = this.#name(key);
    const value = this.#object[name];
    if (value === undefined || value === null) return undefined;
    this.#taken.add(name);
    if (name !== key && !this.snakes.includes(key)) this.snakes.push(key);
    return value;
  }

  string(key: string): string | undefined {
    return this.#typed(key, "a text", (value) => typeof value === "string") as string | undefined;
  }

  number(key: string): number | undefined {
    return this.#typed(key, "a number", (value) => typeof value === "number" && Number.isFinite(value)) as
      | number
      | undefined;
  }

  boolean(key: string): boolean | undefined {
    return this.#typed(key, "true or false", (value) => typeof value === "boolean") as boolean | undefined;
  }

  object(key: string): JsonObject | undefined {
    return this.#typed(key, "an object", isObject) as JsonObject | undefined;
  }

  array(key: string): unknown[] | undefined {
    return this.#typed(key, "an array", Array.isArray) as unknown[] | undefined;
  }

  strings(key: string): string[] | undefined {
    const every = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === "string");
    return this.#typed(key, "an array of texts", every) as string[] | undefined;
  }

  /** The objects of an array member, each with its path. */
  objects(key: string): { object: JsonObject; path: string }[] {
    const only = this.#proto ? this.peek(key) : undefined;
    if (isObject(only)) {
      this.take(key);
      this.singles.push(key);
      return [{ object: only, path: this.at(key) }];
    }
    const array = this.array(key);
    return array === undefined ? [] : objectsIn(array, this.at(key));
  }

  /** An inner object read the same way: what is left of it is left of this one. Undefined when it is not there. */
  nested(key: string): Fields | undefined {
    const object = this.object(key);
    if (object === undefined) return undefined;
    const fields = new Fields(object, this.at(key), this.#proto);
    this.#inner.push({ key: this.#name(key), fields });
    return fields;
  }

  /** Puts a member back among the unread. */
  leave(key: string): undefined {
    this.#taken.delete(this.#name(key));
    return undefined;
  }

  /** What nobody read, in the order it came; undefined when that is nothing. */
  rest(): JsonObject | undefined {
    const rest: JsonObject = {};
    let any = false;
    for (const [key, value] of Object.entries(this.#object)) {
      if (value === undefined) continue;
      const inner = this.#inner.find((one) => one.key === key);
      const left = inner !== undefined && this.#taken.has(key) ? inner.fields.#left() : undefined;
      if (this.#taken.has(key) && left === undefined) continue;
      // Plain assignment would drop a member called `__proto__`.
      Object.defineProperty(rest, key, { value: left ?? value, enumerable: true, configurable: true, writable: true });
      any = true;
    }
    return any ? rest : undefined;
  }

  /** The same of an inner object, where an empty one is something as well. */
  #left(): JsonObject | undefined {
    return Object.keys(this.#object).length === 0 ? {} : this.rest();
  }

  /** What a decoder remembers of this object; `members`: canonical members that are called otherwise here. */
  source(form?: Source["form"], members?: Source["members"]): Source {
    const rest = this.rest();
    return {
      path: this.path,
      ...(rest === undefined ? {} : { rest }),
      ...(form === undefined ? {} : { form }),
      ...(members === undefined ? {} : { members }),
    };
  }

  #typed(key: string, expected: string, is: (value: unknown) => boolean): unknown {
    const value = this.take(key);
    if (value === undefined || is(value)) return value;
    throw new GatewayError("invalid_type", `'${this.at(key)}' must be ${expected}.`, { param: this.at(key) });
  }
}

export const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** An array whose elements must be objects, each with its path. */
export function objectsIn(array: readonly unknown[], path: string): { object: JsonObject; path: string }[] {
  return array.map((object, index) => {
    const at = `${path}[${index}]`;
    if (isObject(object)) return { object, path: at };
    throw new GatewayError("invalid_type", `'${at}' must be an object.`, { param: at });
  });
}

/** Drops members that are undefined: JSON has none, and equal requests must give equal bytes. */
export function compact<T extends JsonObject>(object: T): T {
  for (const key of Object.keys(object)) if (object[key] === undefined) delete object[key];
  return object;
}

/** `object` with what its source left over, for an encoder of the same dialect. Inner objects are merged. */
export function withRest(object: JsonObject, source: Source | undefined): JsonObject {
  return source?.rest === undefined ? object : merged(object, source.rest);
}

function merged(object: JsonObject, rest: JsonObject): JsonObject {
  const whole: JsonObject = { ...object };
  for (const [key, value] of Object.entries(rest)) {
    const own = Object.hasOwn(whole, key) ? whole[key] : undefined;
    // What nobody read is as it was; an encoder that writes something there has only its default.
    const both = isObject(own) && isObject(value) ? merged(own, value) : value;
    Object.defineProperty(whole, key, { value: both, enumerable: true, configurable: true, writable: true });
  }
  return whole;
}
