import type { Database } from "../../../drizzle/client.ts";
import type { Jurisdiction, Peppers } from "../../auth/api-key.ts";
import type { SignOn } from "../../auth/sign-on.ts";
import type { LedgerApi } from "../../ledger/contract.ts";
import type { Random } from "../../lib/random.ts";
import type { DryRequest, DryTarget } from "../dry-run.ts";
import type { ListReport } from "../model-sync.ts";

/** What the management API asks of a tenant's Ledger. */
export type AdminLedger = Pick<
  LedgerApi,
  "authenticate" | "configure" | "limits" | "cooling" | "testWebhook" | "sums" | "adjust"
>;

interface AdminSecrets {
  peppers: Peppers;
  /** Signs session tokens; at least 32 characters. */
  sessionSecret: string;
  /** Seals webhooks' secrets; at least 32 characters. */
  masterKey: string;
  /** The one-time token of `POST /api/setup`; null where setup is not offered. */
  setupToken: string | null;
}

/** Everything the management API needs from outside itself; made once per isolate by the composition root. */
export interface AdminDependencies {
  database: Database;
  /** The Ledger of a root organization, in the jurisdiction its keys name. */
  ledger(rootId: string, jurisdiction: Jurisdiction): AdminLedger;
  secrets: AdminSecrets;
  /** Signing in at identity providers; null where none is set up. */
  signOn: SignOn | null;
  /** For how many whole months the operator keeps requests in the log; 0: for ever. */
  retentionMonths: number;
  /** Milliseconds since the epoch. */
  now(): number;
  random: Random;
  /** What would be asked for a request, in which order, and why; nothing is sent. Throws what the request itself would get. */
  dryRun(request: DryRequest): Promise<DryTarget[]>;
  /** Reads the providers' lists of models, and keeps what they say. */
  syncModelLists(): Promise<ListReport[]>;
  /** Whether the operator has a credential of that name for the model's provider. */
  hasCredential(model: string, credential: string): boolean;
  /** Told of what the caller is not told: the cause of a 500 or 503, a Ledger that could not be reached. */
  report(failure: { requestId: string; what: string; cause: unknown }): void;
}
