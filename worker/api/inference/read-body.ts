import { GatewayError } from "../../errors.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { type JsonScan, scanJson } from "../../lib/json-scan.ts";

/** Anthropic's own limit on a request. */
const MAXIMUM_BODY = 32 * 1024 * 1024;

export interface RequestBody {
  /** The text as the client sent it, without a byte order mark. */
  text: string;
  body: JsonObject;
  scan: JsonScan;
  /** UTF-8 length in bytes. */
  bytes: number;
}

const tooLarge = () =>
  new GatewayError("request_too_large", `The request body is larger than ${MAXIMUM_BODY / 1024 / 1024} MB.`);

function checkHeaders(headers: Headers): void {
  const encoding = headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    throw new GatewayError(
      "unsupported_encoding",
      `Content-Encoding '${encoding}' is not taken. Send the body as it is.`,
    );
  }
  const type = headers.get("content-type");
  if (type !== null && !/^\s*application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new GatewayError("unsupported_media_type", `Content-Type '${type}' is not taken. Send application/json.`);
  }
  if (Number(headers.get("content-length") ?? 0) > MAXIMUM_BODY) throw tooLarge();
}

/** Counts while it reads: a chunked body declares no length. */
async function readBytes(request: Request): Promise<Uint8Array> {
  if (request.headers.has("content-length")) return new Uint8Array(await request.arrayBuffer());
  const pieces: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > MAXIMUM_BODY) {
      await reader.cancel().catch(() => {});
      throw tooLarge();
    }
    pieces.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

function decode(bytes: Uint8Array): string {
  try {
    // ignoreBOM: false takes a byte order mark away.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (cause) {
    throw new GatewayError("invalid_json", "The request body is not valid UTF-8.", { cause });
  }
}

function scanned(text: string): JsonScan {
  const scan = scanJson(text);
  if (!("code" in scan)) return scan;
  switch (scan.code) {
    case "duplicate_key":
      throw new GatewayError(scan.code, `'${scan.path}' is given twice. Give it once.`, { param: scan.path });
    case "json_too_deep":
      throw new GatewayError(scan.code, `The request body is nested deeper than ${scan.limit} levels.`);
    case "json_too_many_keys":
      throw new GatewayError(scan.code, `An object of the request body has more than ${scan.limit} keys.`);
  }
}

/** Reads a JSON object from the request, within limits; throws the GatewayError that says what is wrong with it. */
export async function readBody(request: Request): Promise<RequestBody> {
  checkHeaders(request.headers);
  const bytes = await readBytes(request).catch((cause: unknown) => {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError("invalid_json", "The request body broke off before its end.", { cause });
  });
  return bodyOf(decode(bytes), bytes.byteLength);
}

/** The same of a text; `bytes` is its UTF-8 length where that is known. */
export function bodyOf(text: string, bytes?: number): RequestBody {
  if (text.trim() === "") throw new GatewayError("invalid_json", "The request body is empty. Send a JSON object.");
  const scan = scanned(text);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new GatewayError("invalid_json", "The request body is not valid JSON.", { cause });
  }
  if (!isObject(body)) throw new GatewayError("invalid_json", "The request body must be a JSON object.");
  return { text, body, scan, bytes: bytes ?? new TextEncoder().encode(text).byteLength };
}
