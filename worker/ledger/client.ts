import type { ConfigurationChange } from "../canonical/tenant.ts";
import { callTwice, within } from "./call.ts";
import type {
  Adjustment,
  AdmitAnswer,
  AdmitRequest,
  AuthenticateAnswer,
  Cooling,
  LeaseAnswer,
  LeaseReport,
  LeaseRequest,
  LedgerApi,
  LedgerHealth,
  LedgerSums,
  LimitStatus,
  OwnKeyAnswer,
  PresentedKey,
  ReportAnswer,
  RoutesAnswer,
  SettleAnswer,
  Settlement,
  Whence,
} from "./contract.ts";
import type { Holder } from "./holder.ts";

/** Where a root organization's Ledger must stay; `global`: wherever it is first called. */
export type LedgerJurisdiction = "global" | "eu" | "us";

/** Where an object itself must stay. */
export const jurisdictionOf = ({ jurisdiction }: DurableObjectId): LedgerJurisdiction =>
  jurisdiction === "eu" || jurisdiction === "us" ? jurisdiction : "global";

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
export class TenantLedger implements LedgerApi, Holder {
  /** Tells Ledgers apart within an isolate. */
  readonly name: string;
  readonly #namespace: LedgerNamespace;
  readonly #rootId: string;

  constructor(namespace: LedgerNamespace, rootId: string, jurisdiction: LedgerJurisdiction) {
    this.name = `${jurisdiction}/${rootId}`;
    this.#namespace = within(namespace, jurisdiction);
    this.#rootId = rootId;
  }

  authenticate(key: PresentedKey, from: Whence): Promise<AuthenticateAnswer> {
    return this.#call((ledger) => ledger.authenticate(key, from));
  }

  routes(key: PresentedKey, from: Whence): Promise<RoutesAnswer> {
    return this.#call((ledger) => ledger.routes(key, from));
  }

  ownKey(key: PresentedKey, from: Whence): Promise<OwnKeyAnswer> {
    return this.#call((ledger) => ledger.ownKey(key, from));
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

  cool(cooling: Cooling[]): Promise<void> {
    return this.#call((ledger) => ledger.cool(cooling));
  }

  cooling(): Promise<Cooling[]> {
    return this.#call((ledger) => ledger.cooling());
  }

  limits(nodeIds: string[]): Promise<LimitStatus[]> {
    return this.#call((ledger) => ledger.limits(nodeIds));
  }

  lease(request: LeaseRequest): Promise<LeaseAnswer> {
    return this.#call((ledger) => ledger.lease(request));
  }

  report(rootId: string, reports: LeaseReport[]): Promise<ReportAnswer> {
    return this.#call((ledger) => ledger.report(rootId, reports));
  }

  sums(): Promise<LedgerSums> {
    return this.#call((ledger) => ledger.sums());
  }

  adjust(adjustments: Adjustment[]): Promise<void> {
    return this.#call((ledger) => ledger.adjust(adjustments));
  }

  testWebhook(webhookId: string): Promise<boolean> {
    return this.#call((ledger) => ledger.testWebhook(webhookId));
  }

  #call<T>(run: (ledger: LedgerApi) => Promise<T>): Promise<T> {
    return callTwice(() => run(this.#namespace.get(this.#namespace.idFromName(this.#rootId))));
  }
}
