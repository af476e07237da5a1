import { GatewayError } from "../../errors.ts";
import type { AdminContext } from "./context.ts";

/** What is counted up by each change, or a hash of all that can change. */
type Version = number | string;

/** A version as an entity tag (RFC 9110, 8.8.3). */
const tagOf = (version: Version): string => `"${version}"`;

/** Names the version an answer shows, for the `If-Match` of a change. */
export const sendVersion = (context: AdminContext, version: Version): void => context.header("etag", tagOf(version));

/**
 * What a request's `If-None-Match: *` says (RFC 9110, 13.1.2): the check throws `precondition_failed` where there is a version, so
 * that what is to be made replaces nothing. Throws `invalid_value` for anything else than `*`, which means nothing to a change.
 */
export function ifNoneMatch(context: AdminContext): (version: Version | null) => void {
  const header = context.req.header("if-none-match")?.trim();
  if (header !== undefined && header !== "*") {
    throw new GatewayError("invalid_value", "Send `*`, which makes it only where there is none, or leave it out.", {
      param: "if-none-match",
    });
  }
  return function check(version) {
    if (header === undefined || version === null) return;
    throw new GatewayError(
      "precondition_failed",
      "There is one of this name already. Choose another, or change that one.",
      {
        param: "name",
        headers: { etag: tagOf(version) },
      },
    );
  };
}

/**
 * What a request's `If-Match` says of a version (RFC 9110, 13.1.1): the check throws `precondition_failed` when it names
 * others only. Without the header, or with `*`, every version will do. A weak tag matches none, and nothing matches where there
 * is no version (null).
 */
export function ifMatch(context: AdminContext): (version: Version | null) => void {
  const header = context.req.header("if-match")?.trim();
  const tags = header?.split(",").map((tag) => tag.trim());
  return function check(version) {
    if (tags === undefined) return;
    if (version === null) throw new GatewayError("precondition_failed", "It is not there, or not any more.");
    if (header === "*" || tags.includes(tagOf(version))) return;
    throw new GatewayError("precondition_failed", "It has been changed since you read it. Read it again.", {
      headers: { etag: tagOf(version) },
    });
  };
}
