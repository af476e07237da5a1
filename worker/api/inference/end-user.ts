/** The longest name of an end user that every vendor takes (OpenAI: 128 characters). Claude Code's is longer. */
const LONGEST = 128;

/**
 * The end user's name as a provider is told it: one that looks like an e-mail address, or is too long, as its keyed hash.
 * The same user stays the same.
 */
export const nameForProvider = async (name: string, hash: (text: string) => Promise<string>): Promise<string> =>
  name.length > LONGEST || /\S@\S/.test(name) ? `hmac:${(await hash(name)).slice(0, 32)}` : name;
