/** A part of a URL's path as the client meant it; a malformed escape is taken literally. */
export function decodedPath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
