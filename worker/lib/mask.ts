/** Shapes of keys, bearer tokens and account ids, wherever they stand in somebody else's text. */
const SECRETS = /sk-[\w-]{8,}|AIza[\w-]{10,}|Bearer\s+\S+|\b(?:org-|proj_)[A-Za-z0-9]{8,}|([?&]key=)[^&\s"']+/g;

/** A text of a provider's without anything that looks like a credential or an account of ours. */
export const masked = (text: string): string => text.replace(SECRETS, "$1[redacted]");
