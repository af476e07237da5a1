import type { Directives } from "./directives.ts";

/** What the directives do to the bytes of an answer. */

/** A page where JSON was expected. */
export const HTML_PAGE =
  "<html>\n<head><title>200 OK</title></head>\n<body>\n<center><h1>Welcome</h1></center>\n</body>\n</html>\n";

/** Where redirects point unless told otherwise: a name that can never resolve. */
export const ELSEWHERE = "http://elsewhere.invalid/v1/stolen";

/** Stands for the byte that is not UTF-8 until the text is encoded: a private character nobody sends. */
const BAD_BYTE = "\uf8ff";

/** JSON, or an event with it, broken off near its end; the framing stays whole. */
export function breakOffJson(text: string): string {
  const body = text.trimEnd();
  return `${body.slice(0, Math.max(body.indexOf("{") + 1, body.length - 12))}${text.slice(body.length)}`;
}

/** A byte that is not UTF-8 inside the last string of the JSON. */
export function spoil(text: string): string {
  const at = text.lastIndexOf('"');
  return at < 0 ? text : `${text.slice(0, at)}${BAD_BYTE}${text.slice(at)}`;
}

/** The bytes of a text, with the line ends the directives ask for. */
export function encode(text: string, directives: Directives): Buffer {
  let lines = text;
  if (directives.crlf) lines = text.replace(/\r?\n/g, "\r\n");
  else if (directives.lf) lines = text.replaceAll("\r\n", "\n");
  if (directives["bad-utf8"] === undefined) return Buffer.from(lines);
  const [before = "", ...after] = lines.split(BAD_BYTE);
  return Buffer.concat([Buffer.from(before), ...after.flatMap((rest) => [Buffer.from([0xff]), Buffer.from(rest)])]);
}
