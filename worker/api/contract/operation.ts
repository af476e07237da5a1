import type { z } from "zod";
import type { IdKind } from "../../lib/ids.ts";

/** A body that is not JSON, by its content types. */
export interface Media {
  media: Record<string, { description: string; schema?: z.ZodType }>;
}

/** An answer's body: JSON by a schema, another kind, or none. */
export type AnswerBody = z.ZodType | Media | null;

/** What the contract says of one route beside what its validators already do. */
export interface Operation {
  /** Its name in generated clients. */
  id: string;
  /** What it does, in a few words. */
  summary: string;
  /** Whatever a caller should know besides, as Markdown. */
  description?: string;
  /** Success by status. */
  answers: Record<number, AnswerBody>;
  /** Statuses of errors beyond those that every route of its kind may answer. */
  errors?: readonly number[];
  /** Answers name a version, in `ETag`. */
  etag?: boolean;
  /** A change takes `If-Match`. */
  ifMatch?: boolean;
  /** What its path's `:id` is, where it is another than the group's. */
  pathId?: PathId;
}

export type PathId = IdKind | "ulid";

/** Routes of one resource. */
export interface OperationGroup<Operations extends Record<string, Operation> = Record<string, Operation>> {
  tag: string;
  /** What the resource is, as Markdown. */
  about: string;
  /** What `:id` in its paths is. */
  pathId: PathId;
  /** By method and path, as in `ROUTE_PERMISSIONS`. */
  operations: Operations;
}

/** Keeps the routes' own types, which tsc holds against what handlers answer. */
export const group = <const Operations extends Record<string, Operation>>(
  all: OperationGroup<Operations>,
): OperationGroup<Operations> => all;
