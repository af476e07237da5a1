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

const someTags = z.array(tagSchema).max(20, "Must have at most 20 tags");

/** One thing to be done with many keys, and what it takes. */
export const bulkAct = z
  .strictObject({
    action: z
      .enum(["disable", "enable", "revoke", "extend", "tag"])
      .describe("`extend` takes `expires_at`; `tag` takes `add` and `remove`."),
    ids,
    expires_at: instantSchema.nullable().optional().describe("When they are to expire; null: never."),
    add: someTags.optional(),
    remove: someTags.optional(),
  })
  .superRefine(({ action, expires_at, add, remove }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if ((action === "extend") !== (expires_at !== undefined)) refuse("expires_at", "Is what extend takes, and only it");
    const [some, none] = [(add?.length ?? 0) + (remove?.length ?? 0) > 0, (add ?? remove) === undefined];
    if (action === "tag" ? !some : !none) refuse("add", "Add or remove are what tag takes, and only it");
  });

type BulkAct = z.output<typeof bulkAct>;

/** What is to be done with each of them. */
export const actOf = ({ action, expires_at: expiresAt = null, add = [], remove = [] }: BulkAct): KeyAct =>
  ({ disable, enable, revoke, extend: update({ expiresAt }), tag: tag({ add, remove }) })[action];

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
