import type { Citation, Part } from "../../canonical/message.ts";
import { utf8, wholeCharacters } from "../../lib/encoding.ts";
import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from "../../lib/json.ts";

/**
 * Grounding (`groundingMetadata`, grounding guide): supports point at spans of the text, in UTF-8 bytes, and at sources.
 * What is quoted at length (`citationMetadata`) names its source beside the span.
 */

/** The UTF-16 index of a byte offset into a text; beyond its end, its length. */
function indexOfByte(text: string, offset: number): number {
  let bytes = 0;
  for (let index = 0; index < text.length; ) {
    if (bytes >= offset) return index;
    const code = text.codePointAt(index) as number;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    index += code > 0xffff ? 2 : 1;
  }
  return text.length;
}

/** The byte offset of a UTF-16 index. */
const byteOfIndex = (text: string, index: number): number => utf8(text.slice(0, index)).byteLength;

interface Cited {
  /** The span, and the part it is in. */
  segment: JsonObject | undefined;
  sources: Pick<Citation, "kind" | "url" | "title">[];
}

function citedBy(candidate: unknown): Cited[] {
  const metadata = objectAt(candidate, "groundingMetadata");
  const chunks = arrayAt(metadata, "groundingChunks");
  const supports = arrayAt(metadata, "groundingSupports").filter(isObject);
  const quotes = objectAt(candidate, "citationMetadata");
  return [
    ...supports.map((support) => ({
      segment: objectAt(support, "segment"),
      sources: arrayAt(support, "groundingChunkIndices").flatMap((index) =>
        chunkSource(typeof index === "number" ? chunks[index] : undefined),
      ),
    })),
    // The Developer API calls them otherwise than Vertex.
    ...[...arrayAt(quotes, "citationSources"), ...arrayAt(quotes, "citations")]
      .filter(isObject)
      .map((quote) => ({ segment: quote, sources: [sourceOf(quote)] })),
  ];
}

/** A candidate's citations; each span with each of its sources is one. `texts` are its text parts by part index. */
export function decodeGrounding(
  candidate: unknown,
  texts: ReadonlyMap<number, string>,
): { part: number; citation: Citation }[] {
  const [first] = texts.keys();
  const found: { part: number; citation: Citation }[] = [];
  for (const { segment, sources } of citedBy(candidate)) {
    const part = typeof segment?.partIndex === "number" && texts.has(segment.partIndex) ? segment.partIndex : first;
    if (part === undefined) continue;
    const text = texts.get(part) ?? "";
    const start = indexOfByte(text, numberOf(segment?.startIndex));
    const end = segment?.endIndex === undefined ? text.length : indexOfByte(text, numberOf(segment.endIndex));
    for (const source of sources) found.push({ part, citation: { ...source, start, end } });
  }
  return found;
}

/** Sources that are told without what rests on them, and pages that were read: nobody else has a place for these. */
export const namesSources = (candidate: unknown): boolean =>
  arrayAt(objectAt(candidate, "groundingMetadata"), "groundingChunks").length > 0 ||
  arrayAt(objectAt(candidate, "urlContextMetadata"), "urlMetadata").length > 0;

export const uncited: Part = { type: "native", kind: "groundingMetadata", raw: null };

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 0);

function chunkSource(chunk: unknown): Cited["sources"] {
  const source = objectAt(chunk, "web") ?? objectAt(chunk, "retrievedContext") ?? objectAt(chunk, "maps");
  return source === undefined ? [] : [sourceOf(source)];
}

function sourceOf(source: JsonObject): Cited["sources"][0] {
  const url = stringAt(source, "uri") || undefined;
  const title = stringAt(source, "title");
  const named = title === undefined ? {} : { title };
  return url === undefined ? { kind: "document", ...named } : { kind: "url", url, ...named };
}

/** A text and what it rests on: a part of a whole answer, or all that a stream has said. */
export interface CitedText {
  text: string;
  citations: readonly Citation[];
  /** The place of the part; 0 goes without saying. */
  partIndex: number;
}

/** Citations as `groundingMetadata`; null without any that have an address. A source is told once. */
export function encodeGrounding(texts: readonly CitedText[]): JsonObject | null {
  const titles = new Map<string, string>();
  const supports = texts.flatMap(({ text, citations, partIndex }) =>
    citations.flatMap(({ kind, url, title, start = 0, end = text.length }) => {
      if (kind !== "url" || url === undefined) return [];
      if (!titles.has(url)) titles.set(url, title ?? url);
      const segment = {
        ...(partIndex === 0 ? {} : { partIndex }),
        startIndex: byteOfIndex(text, start),
        endIndex: byteOfIndex(text, end),
        text: wholeCharacters(text.slice(start, end)),
      };
      return [{ segment, groundingChunkIndices: [[...titles.keys()].indexOf(url)] }];
    }),
  );
  if (supports.length === 0) return null;
  return {
    groundingChunks: [...titles].map(([uri, title]) => ({ web: { uri, title } })),
    groundingSupports: supports,
  };
}
