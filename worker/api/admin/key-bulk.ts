import { z } from "zod";
import { GatewayError } from "../../errors.ts";
import {
  type ChangedKeys,
  disable,
  enable,
  type KeyAct,
  revoke,
  tag,
  update,
} from "../../organizations/key-changes.ts";
import { errorBody } from "./errors.ts";
import { keyBody } from "./key-body.ts";
import { tagSchema } from "./key-terms.ts";
import { idSchema, instantSchema } from "./validate.ts";

const ids = z
  .array(idSchema("key"))
  .min(1, "Must name at least one key")
  .max(200, "Must name at most 200 keys")
  .transform((given) => [...new Set(given)]);

const someTags = z.array(tagSchema).max(20, "Must have at most 20 tags").default([]);

/** One thing to be done with many keys. */
export const bulkAct = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("disable"), ids }),
  z.strictObject({ action: z.literal("enable"), ids }),
  z.strictObject({ action: z.literal("revoke"), ids }),
  z.strictObject({ action: z.literal("extend"), ids, expires_at: instantSchema.nullable() }),
  z
    .strictObject({ action: z.literal("tag"), ids, add: someTags, remove: someTags })
    .refine(({ add, remove }) => add.length + remove.length > 0, { path: ["add"], error: "Must name a tag" }),
]);

/** What is to be done with each of them. */
export function actOf(bulk: z.output<typeof bulkAct>): KeyAct {
  switch (bulk.action) {
    case "disable":
      return disable;
    case "enable":
      return enable;
    case "revoke":
      return revoke;
    case "extend":
      return update({ expiresAt: bulk.expires_at });
    case "tag":
      return tag(bulk);
  }
}

/** What became of each key, in the order in which they were named, with the status that it would have had alone. */
export function bulkBody(order: readonly string[], { outcomes }: ChangedKeys, now: number) {
  const results = order.map((id) => {
    const outcome = outcomes.get(id);
    if (outcome === undefined) throw new Error("nothing became of a key");
    return outcome instanceof GatewayError
      ? { id, status: outcome.status, key: null, error: errorBody(outcome).error }
      : { id, status: 200, key: keyBody(outcome, now), error: null };
  });
  const failed = results.filter(({ error }) => error !== null).length;
  return { results, succeeded: results.length - failed, failed };
}
