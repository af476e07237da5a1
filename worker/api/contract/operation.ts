import type { z } from "zod";
import type { IdKind } from "../../lib/ids.ts";

/** A body that is not JSON, or not JSON alone, by its content types. */
export interface Media {
  media: Record<string, { description: string; schema?: z.ZodType }>;
}

/** An answer's body: JSON by a schema, another kind, or none. */
export type AnswerBody = z.ZodType | Media | null;

/** What a path's `:id` is. */
export type PathId = IdKind | "ulid" | "model";

/** What the contract says of one route. */
export interface Operation {
  /** Its name in generated clients. */
  id: string;
  /** What it does, in a few words. */
  summary: string;
  /** Whatever a caller should know besides, as Markdown. */
  description?: string;
  /** Success by status. */
  answers: Readonly<Record<number, AnswerBody>>;
  /** Statuses of errors beyond those that every route of its kind may answer. */
  errors?: readonly number[];
}

/** A route of the management API. What it reads is told by its validators, who may call it by its permission. */
export interface AdminOperation extends Operation {
  /** Answers name a version, in `ETag`. */
  etag?: boolean;
  /** A change takes `If-Match`. */
  ifMatch?: boolean;
  /** It takes `If-None-Match: *`. */
  ifNoneMatch?: boolean;
}

/** Routes of one resource. */
export interface OperationGroup<Of extends Operation, Operations extends Record<string, Of> = Record<string, Of>> {
  tag: string;
  /** What the resource is, as Markdown. */
  about: string;
  /** What `:id` in its paths is. */
  pathId: PathId;
  /** By method and path, as in `ROUTE_PERMISSIONS`. */
  operations: Operations;
}

/** Keeps the routes' own types, which tsc holds against what handlers answer. */
export const group = <const Operations extends Record<string, AdminOperation>>(
  all: OperationGroup<AdminOperation, Operations>,
): OperationGroup<AdminOperation, Operations> => all;
