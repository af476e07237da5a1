import type { Cooldowns } from "../lib/cooldowns.ts";
import type { AdmitRequest, Replan } from "./contract.ts";

/** What a request is told whose target is cooling where another could serve it; null: nothing stands against it. */
export const replanOfCooling = (
  cooldowns: Cooldowns,
  { alternatives, target }: Pick<AdmitRequest, "alternatives" | "target">,
  now: number,
): Replan | null =>
  alternatives && cooldowns.isCooling(target, now)
    ? { ok: false, code: "cooling", cooling: cooldowns.active(now) }
    : null;
