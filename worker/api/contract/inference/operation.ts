import type { z } from "zod";
import type { DialectId } from "../../../canonical/dialect-id.ts";
import type { Operation } from "../operation.ts";

/** A route of the inference API: its body is the vendor's own, of which the contract names the fields that matter here. */
export interface InferenceOperation extends Operation {
  /** The dialect that errors are told in. */
  dialect: DialectId;
  /** What a key must be allowed; null: nobody has to be known. */
  permission: "read" | "write" | null;
  body?: z.ZodType;
  /** Parameters in the path, with what each is. */
  path?: Readonly<Record<string, string>>;
  query?: z.ZodObject;
  /** `model`: it asks a provider for something, with all that `x-gaia-…` headers say of that. */
  asks?: boolean;
}

/** Routes of one dialect. */
export interface InferenceGroup {
  tag: string;
  about: string;
  operations: Readonly<Record<string, InferenceOperation>>;
}
