/** The name of an end user, as the gateway keeps it and as it tells it on. */

type Hash = (text: string) => Promise<string>;

const hashed = async (name: string, hash: Hash): Promise<string> => `hmac:${(await hash(name)).slice(0, 32)}`;

/** An e-mail address becomes a keyed hash: the same user is still countable, and nobody is named. */
export const withoutAddress = async (name: string, hash: Hash): Promise<string> =>
  /\S@\S/.test(name) ? hashed(name, hash) : name;

/** The longest name that every vendor takes (OpenAI: 128 characters). Claude Code's is longer. */
const LONGEST = 128;

/** The name as a provider is told it: too long a one is hashed as well. The same user stays the same. */
export const nameForProvider = (name: string, hash: Hash): Promise<string> =>
  name.length > LONGEST ? hashed(name, hash) : withoutAddress(name, hash);
