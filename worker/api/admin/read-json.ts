import { GatewayError } from "../../errors.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { scanJson } from "../../lib/json-scan.ts";

const PROBLEMS = {
  duplicate_key: "This request names a field twice. Give it once.",
  json_too_deep: "The request body is nested too deeply.",
  json_too_many_keys: "An object of the request body has too many keys.",
};

const invalid = (why: string, cause?: unknown) =>
  new GatewayError("invalid_json", `The request body ${why}. Send a JSON object.`, { cause });

/**
 * Reads a JSON object from a request whose size is limited already (`limitBody`). A missing content type counts as JSON.
 * Throws the GatewayError that says what is wrong with it.
 */
export async function readJson(request: Request): Promise<JsonObject> {
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new GatewayError("unsupported_encoding", "An encoded body is not taken. Send it as it is.");
  }
  const type = request.headers.get("content-type") ?? "application/json";
  if (!/^\s*application\/json\s*(;|$)/i.test(type)) {
    throw new GatewayError("unsupported_media_type", "This content type is not taken. Send application/json.");
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(await request.arrayBuffer());
  } catch (cause) {
    throw invalid("is not valid UTF-8", cause);
  }
  const scan = scanJson(text);
  if ("code" in scan) throw new GatewayError(scan.code, PROBLEMS[scan.code]);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw invalid("is not valid JSON", cause);
  }
  if (!isObject(body)) throw invalid("is not a JSON object");
  return body;
}
