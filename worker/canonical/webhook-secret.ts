import { toPaddedBase64 } from "../lib/encoding.ts";
import type { Random } from "../lib/random.ts";
import type { SealedPlace } from "../lib/seal.ts";

/** Bytes, the least of Standard Webhooks' 24 to 64; as base64 they need no padding. */
const SECRET_BYTES = 24;

/** A new signing secret in Standard Webhooks' form: `whsec_` and base64. */
export const newWebhookSecret = (random: Random): string => `whsec_${toPaddedBase64(random(SECRET_BYTES))}`;

/** Where a webhook's signing secret is sealed: what opens `WebhookRecord.sealedSecret`. */
export const webhookSecretPlace = (rootId: string, id: string): SealedPlace => ({
  purpose: "webhook secret",
  rootId,
  id,
});
