/**
 * Cloudflare's list prices in USD beyond what is included, as of 24 November 2026; docs/cost.md says where they stand. They
 * change: check the vendor's page.
 */
export const PRICES = {
  /** A million of each. */
  workerRequests: 0.3,
  cpuMilliseconds: 0.02,
  objectRequests: 0.15,
  rowsWritten: 1,
  /** A million GB-seconds; an object counts as 128 MB. */
  objectGigabyteSeconds: 12.5,
  objectGigabytes: 0.128,
} as const;
