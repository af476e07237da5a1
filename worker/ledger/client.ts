import type { ConfigurationChange } from "../canonical/tenant.ts";
import type {
  Adjustment,
  AdmitAnswer,
  AdmitRequest,
  AuthenticateAnswer,
  LedgerApi,
  LedgerHealth,
  LedgerSums,
  LimitStatus,
  PresentedKey,
  SettleAnswer,
  Settlement,
} from "./contract.ts";

/** Where a root organization's Ledger must stay; `global`: wherever it is first called. */
export type LedgerJurisdiction = "global" | "eu" | "us";

/** The binding, in the part used here. */
export interface LedgerNamespace {
  idFromName(name: string): DurableObjectId;
  get(id: DurableObjectId): LedgerApi;
  jurisdiction(jurisdiction: "eu" | "us"): LedgerNamespace;
}

/** The Ledger of a root organization. Holds nothing of the request that asks, so that it may be kept by the isolate. */
export const ledgerFor = (namespace: LedgerNamespace, rootId: string, jurisdiction: LedgerJurisdiction): TenantLedger =>
  new TenantLedger(namespace, rootId, jurisdiction);

/**
 * Calls a Ledger, each time through a fresh stub: after an error a stub stays broken, and stubs belong to the request
 * that made them. A call the platform says may be tried again is, once; every method absorbs repeats.
 */
export class TenantLedger implements LedgerApi {
  /** Tells Ledgers apart within an isolate. */
  readonly name: string;
  readonly #namespace: LedgerNamespace;
  readonly #rootId: string;

  constructor(namespace: LedgerNamespace, rootId: string, jurisdiction: LedgerJurisdiction) {
    this.name = `${jurisdiction}/${rootId}`;
    this.#namespace = jurisdiction === "global" ? namespace : within(namespace, jurisdiction);
    this.#rootId = rootId;
  }

  authenticate(key: PresentedKey): Promise<AuthenticateAnswer> {
    return this.#call((ledger) => ledger.authenticate(key));
  }

  admit(request: AdmitRequest): Promise<AdmitAnswer> {
    return this.#call((ledger) => ledger.admit(request));
  }

  settle(settlements: Settlement[]): Promise<SettleAnswer[]> {
    return this.#call((ledger) => ledger.settle(settlements));
  }

  touch(handles: number[]): Promise<void> {
    return this.#call((ledger) => ledger.touch(handles));
  }

  configure(change: ConfigurationChange): Promise<void> {
    return this.#call((ledger) => ledger.configure(change));
  }

  health(): Promise<LedgerHealth> {
    return this.#call((ledger) => ledger.health());
  }

  limits(nodeIds: string[]): Promise<LimitStatus[]> {
    return this.#call((ledger) => ledger.limits(nodeIds));
  }

  sums(): Promise<LedgerSums> {
    return this.#call((ledger) => ledger.sums());
  }

  adjust(adjustments: Adjustment[]): Promise<void> {
    return this.#call((ledger) => ledger.adjust(adjustments));
  }

  async #call<T>(run: (ledger: LedgerApi) => Promise<T>): Promise<T> {
    const call = () => run(this.#namespace.get(this.#namespace.idFromName(this.#rootId)));
    try {
      return await call();
    } catch (error) {
      if (!mayRetry(error)) throw error;
      return await call();
    }
  }
}

/** Cloudflare's rule for Durable Object errors: retry what is `retryable`, never what is `overloaded`. */
function mayRetry(error: unknown): boolean {
  const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
  return retryable === true && overloaded !== true;
}

/** The namespace kept to a jurisdiction. The runtime on one's own machine has none, and says so by throwing. */
function within(namespace: LedgerNamespace, jurisdiction: "eu" | "us"): LedgerNamespace {
  try {
    return namespace.jurisdiction(jurisdiction);
  } catch (error) {
    if (error instanceof Error && /not implemented in workerd/.test(error.message)) return namespace;
    throw error;
  }
}
