import type { SignedIn } from "../../auth/session.ts";

/** Where a request came from, as the platform tells it. */
export const addressOf = (headers: Headers): string => headers.get("cf-connecting-ip") ?? "unknown";

/** Somebody signed in as the API shows them. */
export const sessionBody = ({ user, organization, role, expiresAt }: SignedIn) => ({
  user,
  organization,
  role,
  expires_at: new Date(expiresAt).toISOString(),
});
