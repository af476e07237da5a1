import type { WebhookRecord } from "../../../worker/canonical/tenant.ts";
import type { Notice } from "../../../worker/ledger/announcer.ts";
import { ROOT, TEAM } from "./world.ts";

export const webhook = (id: string, more: Partial<WebhookRecord> = {}): WebhookRecord => ({
  id,
  organizationId: ROOT,
  url: `https://${id.replace("_", "-")}.example.com/hook`,
  sealedSecret: `sealed ${id}`,
  events: [],
  disabled: false,
  removed: false,
  ...more,
});

export const notice = (key: string, at: number, more: Partial<Notice> = {}): Notice => ({
  ...{ key, event: "limit.threshold", organizationPath: [TEAM, ROOT], at, forever: false },
  body: { limit_id: "lim_1", threshold: 80 },
  ...more,
});
