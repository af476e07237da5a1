/** A picture of one dot, as a data URL. */
export const PNG =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** So many bytes, in base64; what they sound like nobody hears. */
export const wav = (bytes: number): string => Buffer.alloc(bytes).toString("base64");
