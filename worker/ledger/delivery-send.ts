import type { WebhookRecord } from "../canonical/tenant.ts";
import type { WebhookMessage } from "../canonical/webhook-delivery.ts";
import { isPublicHost } from "../lib/public-host.ts";
import { signWebhook } from "../lib/webhook-signature.ts";
import type { LedgerClock } from "./storage.ts";

/** How the receiver answered, or why it did not. */
export interface Answer {
  status: number | null;
  /** The header as it came. */
  retryAfter: string | null;
  /** In our words; null when there is a status. */
  error: string | null;
}

/** Sends a signed message and always answers, in bounded time. */
export type Send = (url: string, headers: Record<string, string>, body: string) => Promise<Answer>;

/** The way out: `fetch`, to public addresses only where the host can see to that. */
export type Deliver = (url: string, init: RequestInit) => Promise<Response>;

/** Receivers are asked to answer first and work afterwards. */
const PATIENCE_MS = 10_000;

const noAnswer = (error: string): Answer => ({ status: null, retryAfter: null, error });

/** `Send` over a way out: no redirect is followed, what the receiver writes is not read, and it has `patience` ms. */
export const sender =
  (deliver: Deliver, patience = PATIENCE_MS): Send =>
  async (url, headers, body) => {
    const late = new AbortController();
    const { promise: overdue, resolve } = Promise.withResolvers<Answer>();
    const timer = setTimeout(() => {
      resolve(noAnswer(`no answer within ${patience / 1000} seconds`));
      late.abort();
    }, patience);
    const answered = async (): Promise<Answer> => {
      const init = { method: "POST", headers, body, redirect: "manual", signal: late.signal } as const;
      const response = await deliver(url, init);
      response.body?.cancel().catch(() => {});
      return { status: response.status, retryAfter: response.headers.get("retry-after"), error: null };
    };
    try {
      return await Promise.race([answered().catch(() => noAnswer("the address could not be reached")), overdue]);
    } finally {
      clearTimeout(timer);
    }
  };

/** Whether a webhook's address may be sent to. What its name resolves to is for the way out to judge. */
function isAllowed(address: string): boolean {
  const url = URL.parse(address);
  return url?.protocol === "https:" && url.username === "" && url.password === "" && isPublicHost(url.hostname);
}

export interface AttemptOptions {
  clock: LedgerClock;
  /** The webhook as it stands now; undefined when it may not be sent to any more. */
  webhook(): WebhookRecord | undefined;
  /** Opens the signing secret. */
  unseal(webhook: WebhookRecord): Promise<string>;
  send: Send;
}

/** Signs a message and sends it once. Never throws; null when the webhook has ended, and then nothing was sent. */
export async function attempt(message: WebhookMessage, options: AttemptOptions): Promise<Answer | null> {
  const { clock, webhook, unseal, send } = options;
  const known = webhook();
  if (known === undefined) return null;
  const body = JSON.stringify(message);
  // The time of the attempt: receivers refuse what is minutes old.
  const timestamp = Math.floor(clock.now() / 1000);
  let signature: string;
  try {
    signature = await signWebhook(await unseal(known), message.id, timestamp, body);
  } catch {
    return noAnswer("the signing secret could not be opened");
  }
  const current = webhook();
  if (current === undefined) return null;
  if (!isAllowed(current.url)) return noAnswer("the address is not a public one over https");
  const headers = {
    "content-type": "application/json",
    "user-agent": "GaiaRouter",
    "webhook-id": message.id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signature,
  };
  try {
    return await send(current.url, headers, body);
  } catch {
    return noAnswer("the address could not be reached");
  }
}
