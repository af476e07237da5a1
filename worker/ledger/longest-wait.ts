import { MOST_WAIT_SECONDS, WAIT_SECONDS } from "../canonical/tenant.ts";
import type { ConfigurationCopy } from "./configuration-copy.ts";
import type { AdmitRequest } from "./contract.ts";

/**
 * Milliseconds a request waits for its whole output cap, and in all: as long as it says, or its organization in its place
 * where it may wait at all.
 */
export function waitOf({ keyId, patience }: AdmitRequest, copy: ConfigurationCopy): { whole: number; longest: number } {
  const path = copy.path(copy.key(keyId)?.organizationId ?? "") ?? [];
  const seconds = copy.setting(path, "waitSeconds");
  const usual = Math.min(patience, WAIT_SECONDS * 1000);
  if (patience === 0 || seconds === null) return { whole: usual, longest: usual };
  const longest = Math.min(seconds, MOST_WAIT_SECONDS) * 1000;
  return { whole: Math.min(usual, longest), longest };
}
