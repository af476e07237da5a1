/** What an image really is, by its first bytes; declared types are wrong often enough that vendors refuse whole requests. */

const SIGNATURES: [type: string, base64: RegExp][] = [
  ["image/png", /^iVBORw0KGgo/],
  ["image/jpeg", /^\/9j\//],
  ["image/gif", /^R0lGOD/],
  // "RIFF", four bytes of length, "WEBP".
  ["image/webp", /^UklGR.{7}RUJQ/],
  ["application/pdf", /^JVBERi/],
];

/** The type that the first characters of base64 data show; null when they show none we know. */
export const sniffMediaType = (base64: string): string | null =>
  SIGNATURES.find(([, signature]) => signature.test(base64))?.[0] ?? null;

/** `data:{type};base64,{data}` in its parts (RFC 2397); null when it is no base64 data URL. */
export function parseDataUrl(url: string): { mediaType: string; data: string } | null {
  if (!/^data:/i.test(url)) return null;
  const comma = url.indexOf(",");
  const head = url.slice("data:".length, comma);
  if (comma < 0 || !/;base64$/i.test(head)) return null;
  const mediaType = (head.split(";")[0] ?? "").trim().toLowerCase();
  return { mediaType: mediaType === "" ? "application/octet-stream" : mediaType, data: url.slice(comma + 1).trim() };
}

export const dataUrl = (mediaType: string, data: string): string => `data:${mediaType};base64,${data}`;

/** The type a file name promises, for what vendors take. */
const BY_EXTENSION: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  heic: "image/heic",
  heif: "image/heif",
  pdf: "application/pdf",
  txt: "text/plain",
  md: "text/markdown",
  csv: "text/csv",
  html: "text/html",
  json: "application/json",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  mp3: "audio/mp3",
  wav: "audio/wav",
  mp4: "video/mp4",
};

/** The media type that a URL's or file's name promises, or null. */
export function typeOfName(name: string): string | null {
  const extension = /\.([a-z0-9]{2,4})(?:[?#].*)?$/i.exec(name)?.[1]?.toLowerCase();
  return extension === undefined ? null : (BY_EXTENSION[extension] ?? null);
}

/** A name for a document without one, by which OpenAI tells what it is; most are PDFs. */
export function nameOfType(mediaType: string): string {
  const extension = Object.keys(BY_EXTENSION).find((key) => BY_EXTENSION[key] === mediaType);
  return `document.${extension ?? "pdf"}`;
}
