import { ENVELOPE_MARK } from "../../canonical/envelope.ts";
import type { Citation } from "../../canonical/message.ts";
import { wholeCharacters } from "../../lib/encoding.ts";
import { isObject, type JsonObject, stringAt } from "../../lib/json.ts";

/** Citations of Messages stand on whole text blocks (citations guide); web results carry an index only Anthropic can make. */

export function decodeCitation(raw: unknown): Citation[] {
  if (!isObject(raw)) return [];
  const title = stringAt(raw, "title") ?? stringAt(raw, "document_title");
  const citedText = stringAt(raw, "cited_text");
  const told = {
    ...(title === undefined ? {} : { title }),
    ...(citedText === undefined ? {} : { citedText }),
    native: { dialect: "anthropic-messages", raw },
  };
  const url = stringAt(raw, "url") ?? stringAt(raw, "source");
  if (url !== undefined && /^https?:/i.test(url)) return [{ kind: "url", url, ...told }];
  return [{ kind: "document", ...told }];
}

/**
 * A citation for a Messages client. The index that Anthropic would want back is marked as ours, so that it is taken out
 * again before Anthropic sees it. Null for what has no address.
 */
export function encodeCitation(citation: Citation, text: string): JsonObject | null {
  if (citation.kind !== "url" || citation.url === undefined) return null;
  return {
    type: "web_search_result_location",
    url: citation.url,
    title: citation.title ?? null,
    encrypted_index: ENVELOPE_MARK,
    cited_text:
      citation.citedText ?? wholeCharacters(text.slice(citation.start ?? 0, citation.end ?? text.length).slice(0, 150)),
  };
}
