/** A source of random bytes; passed in so that whoever needs it can be tested with a known one. */
export type Random = (byteCount: number) => Uint8Array<ArrayBuffer>;

/** The platform's cryptographic generator. */
export const secureRandom: Random = (byteCount) => crypto.getRandomValues(new Uint8Array(byteCount));
