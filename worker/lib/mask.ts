/** Shapes of keys, bearer tokens and account ids, wherever they stand in somebody else's text. */
const SECRETS =
  /sk-[\w-]{8,}|gaia-(?:play|invite|reset)-[\w.-]{8,}|AIza[\w-]{10,}|Bearer\s+\S+|\b(?:org-|proj_)[A-Za-z0-9]{8,}|([?&]key=)[^&\s"']+/g;

/** A text of a provider's without anything that looks like a credential or an account of ours. */
export const masked = (text: string): string => text.replace(SECRETS, "$1[redacted]");

/** The same, told apart from words that only look alike, and tokens of ours. */
const CREDENTIALS =
  /(?<!\w)sk-[\w-]{16,}|AIza[\w-]{20,}|Bearer\s+\S+|gaia-(?:play|invite|reset)-|\beyJ[\w-]{8,}\.[\w-]+\./;

/** Whether a text that somebody would keep holds a credential. */
export const holdsSecret = (text: string): boolean => CREDENTIALS.test(text);
