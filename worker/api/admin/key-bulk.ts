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
      .enum(["disable", "enable", "revoke", "extend", "tag", "move"])
      .describe("`extend` takes `expires_at`; `tag` takes `add` and `remove`; `move` takes `organization_id`."),
    ids,
    expires_at: instantSchema.nullable().optional().describe("When they are to expire; null: never."),
    add: someTags.optional(),
    remove: someTags.optional(),
    organization_id: idSchema("org").optional().describe("Where they are to stand."),
  })
  .superRefine(({ action, expires_at, add, remove, organization_id }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    const expiry = "extend takes expires_at, a time or null for never";
    const extend = action === "extend";
    if (extend !== (expires_at !== undefined))
      refuse("expires_at", extend ? `Is missing: ${expiry}` : `Only ${expiry}`);
    const move = action === "move";
    if (move !== (organization_id !== undefined)) {
      const place = "move takes organization_id, where the keys are to stand";
      refuse("organization_id", move ? `Is missing: ${place}` : `Only ${place}`);
    }
    const [some, none] = [(add?.length ?? 0) + (remove?.length ?? 0) > 0, (add ?? remove) === undefined];
    if (action === "tag" && !some) refuse("add", "Is missing: tag takes add, remove, or both, with at least one tag");
    if (action !== "tag" && !none) refuse("add", "Only tag takes add and remove");
  });

type BulkAct = z.output<typeof bulkAct>;

/** What is to be done with each of them, but for moving them. */
export const actOf = ({
  action,
  expires_at: expiresAt = null,
  add = [],
  remove = [],
}: BulkAct & { action: Exclude<BulkAct["action"], "move"> }): KeyAct =>
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
