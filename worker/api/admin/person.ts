import type { SignedIn } from "../../auth/session.ts";
import { GatewayError } from "../../errors.ts";
import type { Account } from "../../organizations/accounts.ts";
import type { Manager } from "../../organizations/member-changes.ts";
import type { AdminContext } from "./context.ts";

/** Who is signed in; throws `permission_denied` for a key: what is asked for is a person's. */
export function personOf(context: AdminContext): SignedIn & Account {
  const { signedIn, claim } = context.get("caller");
  if (signedIn) return { ...signedIn, userId: signedIn.user.id, claim };
  throw new GatewayError("permission_denied", "This is for people who are signed in.");
}

/** Who is signed in, as somebody who manages people. */
export const managerOf = (context: AdminContext): Manager => ({
  ...context.get("caller"),
  role: personOf(context).role,
});

/** A page of the dashboard that takes a one-time token. The part after `#` is not sent to any server. */
export const linkTo = (context: AdminContext, page: "invite" | "reset-password", token: string): string =>
  `${new URL(context.req.url).origin}/${page}#${token}`;
