/** Of one answer. */
export const MOST_IMAGES = 16;
/** Letters of a `data:` URL; some 12 MB of image. */
const LONGEST_IMAGE = 16 * 1024 * 1024;
/** Kinds that a browser draws and that carry nothing to run, wherever they are opened. */
const IMAGE = /^data:image\/(png|jpeg|webp|gif|avif);base64,[a-z0-9+/]+={0,2}$/i;

/** An image of a Chat answer (`images[].image_url.url`, OpenRouter's convention) as it may be shown; null: it is too large, or stands elsewhere. */
export const shownImage = (url: string | undefined): string | null =>
  url !== undefined && url.length <= LONGEST_IMAGE && IMAGE.test(url) ? url : null;

/** How the name of an image's file ends. */
export const endingOf = (data: string): string => (IMAGE.exec(data)?.[1] ?? "png").toLowerCase().replace("jpeg", "jpg");

/** What a `data:` URL in base64 says. */
export function bytesOf(data: string): { bytes: Uint8Array<ArrayBuffer>; type: string } {
  const [head = "", base64 = ""] = data.split(",");
  return {
    bytes: Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),
    type: head.slice(5).split(";")[0] ?? "",
  };
}
