/**
 * The simulator's tokenizer: one token for every four UTF-8 bytes, rounded up, counted piece by piece (one message
 * part, one tool definition, one part of the answer). Not any vendor's figures, but the same for streaming, whole
 * answers and the counting endpoints, and simple enough to work out by hand in a test.
 */

const BYTES_PER_TOKEN = 4;

/** What a message costs beside its text (role and separators). */
export const MESSAGE_OVERHEAD = 3;

/** What an image, a page or a sound costs, whatever its size. */
export const MEDIA_TOKENS = 258;

/** Tokens of one piece of text. */
export const countTokens = (text: string): number => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/** Tokens of so many bytes of text. */
export const tokensOfBytes = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN);

/** The beginning of `text` that counts at most `tokens`, cut between characters. */
export function cutToTokens(text: string, tokens: number): string {
  const limit = Math.max(0, tokens) * BYTES_PER_TOKEN;
  if (Buffer.byteLength(text) <= limit) return text;
  const bytes = Buffer.from(text);
  let end = limit;
  // 10xxxxxx is the inside of a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end);
}
