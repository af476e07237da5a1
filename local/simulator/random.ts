import { createHash } from "node:crypto";

const ALPHANUMERIC = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Identifiers that follow from a seed: the same requests in the same order give the same bytes. */
export class IdSource {
  readonly #seed: string;
  #count = 0;

  constructor(seed: string) {
    this.#seed = seed;
  }

  #bytes(): Buffer {
    this.#count += 1;
    return createHash("sha256").update(`${this.#seed}#${this.#count}`).digest();
  }

  /** Up to 64 lower-case hexadecimal digits. */
  hex(length: number): string {
    return this.#bytes().toString("hex").slice(0, length);
  }

  /** Up to 32 characters of the base-58 alphabet the vendors like. */
  word(length: number): string {
    let word = "";
    for (const byte of this.#bytes().subarray(0, length)) word += ALPHANUMERIC[byte % ALPHANUMERIC.length];
    return word;
  }
}
