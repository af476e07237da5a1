import type { DocumentPart, Media } from "../canonical/message.ts";
import type { Source } from "../canonical/source.ts";
import { GatewayError } from "../errors.ts";

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

/** A text document, or a search result, as text: its title, where it was found, and what it says. */
export function documentText({ media, title, filename, context, searchResult }: DocumentPart): string {
  const heading = [title ?? filename, searchResult?.url, context].filter((one) => one !== undefined && one !== "");
  const text =
    media.kind === "text"
      ? media.text
      : media.kind === "parts"
        ? media.parts.map((part) => (part.type === "text" ? part.text : "")).join("\n")
        : "";
  return heading.length === 0 ? text : `${heading.join("\n")}\n\n${text}`;
}
