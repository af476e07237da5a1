import { z } from "zod";
import { type KeyAct, onlyOne } from "../../organizations/key-changes.ts";
import { getKey, type KeyView } from "../../organizations/key-views.ts";
import { type KeyMovePreview, moveKeys, moveTo, previewKeyMove } from "../../organizations/move-keys.ts";
import type { AdminContext } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";
import { ifMatch, sendVersion } from "./if-match.ts";
import { keyBody } from "./key-body.ts";
import { changesBody } from "./organization-standing.ts";
import { isPending } from "./push.ts";
import { idSchema } from "./validate.ts";

export const movedKey = z.strictObject({
  organization_id: idSchema("org").describe("Where it is to stand."),
  dry_run: z.boolean().default(true).describe("A preview, which writes nothing, unless it is false."),
});

const moveBody = (key: KeyView, { modelsNotAllowed, ...changes }: KeyMovePreview, now: number) => ({
  key: keyBody(key, now),
  ...changesBody(changes),
  models_not_allowed: modelsNotAllowed,
});

/** Moves a key, or says what that would change. `allowed`: the same act, where the caller may do it. */
export async function moveKey(
  dependencies: AdminDependencies,
  {
    context,
    id,
    wanted: { organization_id: organizationId, dry_run },
    allowed,
  }: { context: AdminContext; id: string; wanted: z.output<typeof movedKey>; allowed(act: KeyAct): KeyAct },
) {
  const { database } = dependencies;
  const actor = context.get("caller");
  const now = dependencies.now();
  const check = ifMatch(context);
  const checked = (act: KeyAct): KeyAct => {
    const does = allowed(act);
    return (row, ...more) => {
      check(row.version);
      return does(row, ...more);
    };
  };
  const keys = { database, actor, now, ids: [id] };
  const before = await getKey(database, actor, id);
  const { path, act } = await moveTo(keys, organizationId);
  if (dry_run) checked(act)(before, now, actor.id);
  const preview = await previewKeyMove(keys, before, path);
  if (dry_run) {
    sendVersion(context, before.version);
    return context.json({ dry_run, ...moveBody(before, preview, now), pending: false });
  }
  const { key, change } = onlyOne(id, await moveKeys({ ...keys, organizationId, allowed: checked }));
  const pending = await isPending(dependencies, context, change);
  sendVersion(context, key.version);
  return context.json({ dry_run, ...moveBody(key, preview, now), pending });
}
