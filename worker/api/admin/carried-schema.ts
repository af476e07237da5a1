import type { z } from "zod";

/** What a middleware reads a part of the request by. */
export interface CarriedSchema {
  part: "json" | "query";
  schema: z.ZodType;
}

const carried = new WeakMap<object, CarriedSchema>();

/** The same middleware, with its schema to be found again: the API's description is made from what validates. */
export function carrying<Middleware extends object>(schema: CarriedSchema, middleware: Middleware): Middleware {
  carried.set(middleware, schema);
  return middleware;
}

/** The schema by which a handler validates, if it is such a middleware. */
export const schemaCarriedBy = (handler: object): CarriedSchema | undefined => carried.get(handler);
