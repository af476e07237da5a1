import type { Jurisdiction } from "../../auth/api-key.ts";
import type { ConfigurationChange } from "../../canonical/tenant.ts";
import type { AdminContext } from "./context.ts";
import type { AdminDependencies } from "./dependencies.ts";

const ATTEMPTS = 3;

/**
 * Tells the tenant's Ledger of a change that is committed, so that it holds from the next request on. False when the Ledger
 * could not be told: it then learns the change from its next drain.
 */
export async function pushChange(
  { ledger, report }: Pick<AdminDependencies, "ledger" | "report">,
  { jurisdiction, requestId }: { jurisdiction: Jurisdiction; requestId: string },
  change: ConfigurationChange,
): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      await ledger(change.rootId, jurisdiction).configure(change);
      return true;
    } catch (cause) {
      report({ requestId, what: `configuration push, attempt ${attempt}`, cause });
    }
  }
  return false;
}

/**
 * Tells the Ledger, for an answer's `pending`: true when it could not be told yet. What is stored stays stored, so this is
 * no failure of the request; sending a change again tells the Ledger again.
 */
export async function isPending(
  dependencies: Pick<AdminDependencies, "ledger" | "report">,
  context: AdminContext,
  change: ConfigurationChange,
): Promise<boolean> {
  const { jurisdiction } = context.get("caller");
  return !(await pushChange(dependencies, { jurisdiction, requestId: context.get("requestId") }, change));
}
