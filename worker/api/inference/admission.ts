import type { Principal } from "../../canonical/tenant.ts";
import { GatewayError } from "../../errors.ts";
import type { Decision } from "../../ledger/admitter.ts";
import type { Services } from "../../services.ts";
import { type AuthenticatedKey, askLedger } from "./authenticate.ts";
import { errorOfDenial } from "./denial.ts";
import type { Exchange } from "./exchange.ts";

export interface AdmissionSteps<T> {
  services: Services;
  key: AuthenticatedKey;
  exchange: Exchange;
  admitting: Promise<Decision>;
  /** Sends the request and waits for the answer's headers. */
  upstream(): Promise<T>;
  /** Aborts the upstream call. */
  controller: AbortController;
  /** Fires when the client leaves. */
  clientGone: AbortSignal;
}

async function admit({ services, key, exchange, admitting }: AdmissionSteps<unknown>): Promise<Principal> {
  const { answer, holder } = await askLedger(admitting);
  if (!answer.ok) {
    services.principals.forget(key.mac);
    throw errorOfDenial(answer);
  }
  exchange.admitted(holder, answer.handle);
  services.principals.remember(key.mac, answer.principal, services.now());
  return answer.principal;
}

/** Waits for the answer's headers; the client may leave meanwhile, which ends the upstream call. */
async function sendAdmitted<T>(steps: AdmissionSteps<T>, sending: Promise<T>): Promise<T> {
  const { exchange, controller, clientGone } = steps;
  const leave = () => {
    exchange.settle("client_gone", 499);
    controller.abort();
  };
  if (clientGone.aborted) leave();
  clientGone.addEventListener("abort", leave, { once: true });
  try {
    return await sending;
  } catch (error) {
    if (clientGone.aborted) leave();
    const code = error instanceof GatewayError ? error.code : "internal_error";
    const status = error instanceof GatewayError ? error.status : 500;
    exchange.settle(code === "upstream_timeout" ? "timeout" : "provider_error", status, code);
    throw error;
  } finally {
    clientGone.removeEventListener("abort", leave);
  }
}

/** Admits, then sends: for keys under a limit, and for keys this isolate does not know yet. */
export async function admitFirst<T>(steps: AdmissionSteps<T>): Promise<T> {
  await admit(steps);
  if (steps.clientGone.aborted) {
    steps.exchange.settle("client_gone", 499);
    throw new GatewayError("upstream_unreachable", "The client left before the request was sent.");
  }
  steps.exchange.sent = true;
  return sendAdmitted(steps, steps.upstream());
}

/** Sends while the Ledger admits; a denial aborts the upstream call and nothing of its answer is used. */
export async function admitBeside<T>(steps: AdmissionSteps<T>): Promise<T> {
  const sending = steps.upstream();
  sending.catch(() => {});
  try {
    await admit(steps);
  } catch (error) {
    steps.controller.abort();
    throw error;
  }
  steps.exchange.sent = true;
  return sendAdmitted(steps, sending);
}
