import type { Losses } from "../canonical/losses.ts";
import { sniffMediaType } from "../canonical/media-type.ts";
import type { DocumentPart, Media } from "../canonical/message.ts";
import { memberPath, type Source } from "../canonical/source.ts";
import { GatewayError } from "../errors.ts";
import { decodeUtf8, fromBase64 } from "../lib/encoding.ts";

/** Refusals and conversions of media that several dialects share. */

/** A kind of content the target has no form for. */
export const refuseMedia = (what: string, source: Source | undefined): GatewayError =>
  new GatewayError("modality_unsupported", `'${source?.path}': this model cannot be given ${what}. Leave it out.`, {
    param: source?.path ?? "messages",
  });

/** A file id of a vendor's store that the target cannot look into. */
export const fileElsewhere = (media: Extract<Media, { kind: "file" }>, source: Source | undefined): GatewayError =>
  new GatewayError(
    "file_id_unsupported",
    `'${source?.path}' names a file in ${media.vendor}'s store, which this model's provider cannot read. Send its content.`,
    { param: source?.path ?? "messages" },
  );

/** An address whose content the gateway could not fetch and the target cannot either. */
export const urlElsewhere = (url: string, source: Source | undefined): GatewayError =>
  new GatewayError(
    "url_unsupported",
    `'${source?.path}': this model cannot fetch ${url.slice(0, 200)}. Send the content.`,
    {
      param: source?.path ?? "messages",
    },
  );

/** What may be said about a document beside its content. */
type Label = "title" | "filename" | "context" | "detail";
const LABELS: readonly Label[] = ["title", "filename", "context", "detail"];

/** Names what is said about a document and has no place at the target; `kept` has one. */
export function nameLabels(part: DocumentPart, losses: Losses, kept: readonly (Label | "cited")[]): void {
  for (const label of LABELS) {
    const said = part[label] !== undefined && !(label === "detail" && part.detail === "auto");
    if (said && !kept.includes(label)) losses.add("param_dropped", memberPath(part.source, label));
  }
  if (part.cited === true && !kept.includes("cited")) losses.add("param_dropped", memberPath(part.source, "citations"));
}

/** The type that inline data really has; another than was declared is named. */
export function trueType({ mediaType, data }: InlineMedia, source: Source | undefined, losses: Losses): string {
  const known = sniffMediaType(data);
  if (known === null || known === mediaType || (known === "image/jpeg" && mediaType === "image/jpg")) {
    return known ?? mediaType;
  }
  if (mediaType !== UNDECLARED) losses.add("part_converted", source?.path ?? "messages");
  return known;
}

/** The type of a picture that the target takes; any other is refused. */
export function imageType(
  media: InlineMedia,
  taken: readonly string[],
  source: Source | undefined,
  losses: Losses,
): string {
  const mediaType = trueType(media, source, losses);
  if (taken.includes(mediaType)) return mediaType;
  const param = source?.path ?? "messages";
  const message = `'${param}' is ${mediaType}; this model takes ${taken.join(", ")}.`;
  throw new GatewayError("unsupported_image_type", message, { param });
}

/** What OpenAI and Anthropic take (their vision guides). */
export const COMMON_IMAGES = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/** What a text that is sent along as a file says; null for any other file. */
export function inlineText({ data }: InlineMedia, mediaType: string): string | null {
  const bytes = /^text\/|[/+](?:json|xml)$/.test(mediaType) ? fromBase64(data.replace(/=+$/, "")) : null;
  return bytes === null ? null : decodeUtf8(bytes);
}

type InlineMedia = Extract<Media, { kind: "base64" }>;

/** What decoders put where a client declares no type. */
const UNDECLARED = "application/octet-stream";

/** A text document, or a search result, as text: its title, where it was found, and what it says. Pictures in it are named. */
export function documentText(part: DocumentPart, losses: Losses): string {
  const { media, title, filename, context, searchResult } = part;
  nameLabels(part, losses, ["title", "filename", "context"]);
  if (media.kind === "parts") {
    for (const inner of media.parts) {
      if (inner.type !== "text") losses.add("part_dropped", inner.source?.path ?? "messages");
    }
  }
  const heading = [title ?? filename, searchResult?.url, context].filter((one) => one !== undefined && one !== "");
  const text =
    media.kind === "text"
      ? media.text
      : media.kind === "parts"
        ? media.parts.map((part) => (part.type === "text" ? part.text : "")).join("\n")
        : "";
  return heading.length === 0 ? text : `${heading.join("\n")}\n\n${text}`;
}
