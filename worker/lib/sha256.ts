import { toHex, utf8 } from "./encoding.ts";

/** SHA-256 of a text, in lower-case hexadecimal. */
export const sha256 = async (text: string): Promise<string> =>
  toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text))));
