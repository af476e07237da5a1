import type { DialectId } from "../../canonical/dialect-id.ts";
import type { Losses } from "../../canonical/losses.ts";
import { isObject } from "../../lib/json.ts";
import { applyEdits, type Edit, scanJson } from "../../lib/json-scan.ts";
import type { RequestBody } from "./read-body.ts";

/**
 * The edits a relay makes to a request, each at its place in the text so that every other byte stays as the client sent
 * it: the model's name, the request for usage in a Chat stream, and a wish to store where nothing is stored.
 */

/** Replaces the model wherever the body names it: `model`, and Gemini's copies in `requests[i].model` and the like. */
export function modelEdits({ body, scan, text }: RequestBody, requested: string, upstream: string): Edit[] {
  if (requested === upstream) return [];
  const edits: Edit[] = [];
  const top = scan.members.get("model");
  if (top !== undefined && body.model === requested) edits.push({ ...top, replacement: JSON.stringify(upstream) });
  // Gemini writes `models/{model}` inside a body. Any other text called "model" is the client's own data.
  const resource = JSON.stringify(`models/${requested}`);
  for (const span of [...(top === undefined ? [] : [top]), ...scan.nestedModels.map((nested) => nested.span)]) {
    if (text.slice(span.start, span.end) === resource) {
      edits.push({ ...span, replacement: JSON.stringify(`models/${upstream}`) });
    }
  }
  return edits;
}

/** Asks for usage in the stream: adds `stream_options.include_usage`, or sets it where it is false. */
export function includeUsageEdits({ body, scan, text }: RequestBody): Edit[] {
  const options = scan.members.get("stream_options");
  if (options === undefined) {
    const at = scan.closingBrace;
    return [{ start: at, end: at, replacement: ',"stream_options":{"include_usage":true}' }];
  }
  if (!isObject(body.stream_options)) return [{ ...options, replacement: '{"include_usage":true}' }];
  const inner = scanJson(text.slice(options.start, options.end));
  if ("code" in inner) return [];
  const flag = inner.members.get("include_usage");
  if (flag !== undefined) {
    return [{ start: options.start + flag.start, end: options.start + flag.end, replacement: "true" }];
  }
  const at = options.start + inner.closingBrace;
  const separator = inner.members.size > 0 ? "," : "";
  return [{ start: at, end: at, replacement: `${separator}"include_usage":true` }];
}

/** `store: true` at a host that keeps nothing: some refuse it, others would let the client believe it. */
export function notStoredEdits({ body, scan }: RequestBody, dialect: DialectId, losses: Losses): Edit[] {
  const span = scan.members.get("store");
  const openai = dialect === "openai-chat" || dialect === "openai-responses";
  if (!openai || span === undefined || body.store !== true) return [];
  losses.add("not_stored", "store");
  return [{ ...span, replacement: "false" }];
}

export const edited = (body: RequestBody, edits: readonly Edit[]): string =>
  edits.length === 0 ? body.text : applyEdits(body.text, edits);
