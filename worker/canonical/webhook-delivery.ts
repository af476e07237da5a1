/** What webhooks are told, and how the log keeps each attempt to tell it. */

export type LimitEventType = "limit.threshold" | "limit.exhausted";
export type WebhookEventType = LimitEventType | "webhook.test";

/** The JSON that is sent; the same bytes in every attempt. */
export interface WebhookMessage {
  type: WebhookEventType;
  /** The delivery's id. */
  id: string;
  /** When it happened (ISO 8601), not when it is sent. */
  timestamp: string;
  data: Record<string, unknown>;
}

/** One attempt, as the log keeps it. Times are milliseconds since the epoch. */
export interface DeliveryLogRow {
  /** `dlv_` + 20 characters of [0-9a-z], the same in every attempt. */
  deliveryId: string;
  /** From 1. */
  attempt: number;
  webhookId: string;
  event: WebhookEventType;
  body: WebhookMessage;
  at: number;
  /** The receiver's status, null when none came. */
  status: number | null;
  /** Why none came. */
  error: string | null;
  durationMs: number;
  delivered: boolean;
  /** When it is tried again; null after a success and after the last attempt. */
  nextAt: number | null;
}
