import type { ChatDialectId } from "../canonical/dialect-id.ts";
import type { Losses } from "../canonical/losses.ts";
import { sniffMediaType, typeOfName } from "../canonical/media-type.ts";
import type { Media, Part } from "../canonical/message.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { GatewayError } from "../errors.ts";
import { toBase64 } from "../lib/encoding.ts";
import { readWhole } from "./read-whole.ts";

/**
 * Media that a request names by address, for providers that do not fetch: the gateway fetches it and sends it inline.
 * Addresses are a stranger's, so only public ones over https are followed, for a short time and up to a size.
 */

const TIMEOUT = 5000;
const MAXIMUM = 10 * 1024 * 1024;
const REDIRECTS = 3;
/** Different addresses in one request. */
const MAXIMUM_ADDRESSES = 20;

/** Who fetches an address by itself: images and documents each. */
const FETCHES: Record<ChatDialectId, { image: boolean; document: boolean }> = {
  "openai-chat": { image: true, document: false },
  "openai-responses": { image: true, document: true },
  "anthropic-messages": { image: true, document: true },
  "google-generate-content": { image: false, document: false },
};

interface Found {
  part: Extract<Part, { type: "image" | "document" | "audio" | "video" }>;
  url: string;
}

function* mediaOf(parts: readonly Part[]): Generator<Found> {
  for (const part of parts) {
    if (part.type === "tool_result") yield* mediaOf(part.content);
    else if (part.type === "image" || part.type === "document" || part.type === "audio" || part.type === "video") {
      if (part.media?.kind === "url") yield { part, url: part.media.url };
    }
  }
}

/** Media that the provider cannot fetch by itself. */
export function mediaToInline(request: CanonicalRequest, dialect: ChatDialectId): Found[] {
  const fetches = FETCHES[dialect];
  const all = request.messages.flatMap(({ parts }) => [...mediaOf(parts)]);
  return all.filter(({ part, url }) => {
    if (part.type === "image" && fetches.image) return !/^https:/i.test(url) && dialect === "anthropic-messages";
    return !(part.type === "document" && fetches.document);
  });
}

/** Private, local and otherwise special addresses, spelled as such; names are resolved by the platform, which has no way inside. */
const PRIVATE =
  /^(?:localhost|.*\.(?:localhost|local|internal|home\.arpa)|0x[0-9a-f]+|\d+|127\.|10\.|0\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|22[4-9]\.|2[34]\d\.|25[0-5]\.|\[)/i;

/** Throws for an address that is not followed. */
export function checkAddress(text: string, param: string): URL {
  const refuse = (why: string) =>
    new GatewayError("url_unsupported", `'${param}': ${why} Send the content itself.`, { param });
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse("this is no address.");
  }
  if (url.protocol !== "https:") throw refuse("only https addresses are fetched.");
  if (url.username !== "" || url.password !== "") throw refuse("addresses with credentials are not fetched.");
  if (url.port !== "" && url.port !== "443") throw refuse("only port 443 is fetched from.");
  if (PRIVATE.test(url.hostname) || !url.hostname.includes(".")) throw refuse("private addresses are not fetched.");
  return url;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

async function fetchOne(address: string, param: string, fetch: Fetch): Promise<{ mediaType: string; data: string }> {
  const failed = (why: string, cause?: unknown) =>
    new GatewayError("url_unsupported", `'${param}': ${why} Send the content itself.`, { param, cause });
  const signal = AbortSignal.timeout(TIMEOUT);
  let url = checkAddress(address, param);
  for (let redirects = 0; ; redirects++) {
    let response: Response;
    try {
      response = await fetch(url.href, { redirect: "manual", signal, headers: { accept: "*/*" } });
    } catch (cause) {
      throw failed("the address could not be fetched.", cause);
    }
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel().catch(() => {});
      if (redirects >= REDIRECTS) throw failed("the address redirects too often.");
      url = checkAddress(URL.parse(location, url.href)?.href ?? location, param);
      continue;
    }
    if (!response.ok || response.body === null) throw failed(`the address answered with status ${response.status}.`);
    const bytes = await readWhole(response.body, MAXIMUM).catch((cause: unknown) => {
      throw failed("the address broke off.", cause);
    });
    if (bytes === null) throw failed(`what is at the address is larger than ${MAXIMUM / 1024 / 1024} MB.`);
    const encoded = toBase64(bytes);
    const data = encoded + "=".repeat((4 - (encoded.length % 4)) % 4);
    const told = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
    const typed = told === undefined || told === "application/octet-stream" ? typeOfName(url.pathname) : told;
    return { mediaType: sniffMediaType(data) ?? typed ?? "application/octet-stream", data };
  }
}

/** Fetches what `found` names and puts it into the request, which is changed in place; each is named as a change. */
export async function inlineMedia(found: readonly Found[], losses: Losses, fetch: Fetch): Promise<void> {
  const addresses = new Map<string, Promise<{ mediaType: string; data: string }>>();
  for (const { part, url } of found) {
    const path = part.source?.path ?? "messages";
    losses.add("image_inlined", path);
    if (addresses.has(url)) continue;
    if (addresses.size >= MAXIMUM_ADDRESSES) {
      const message = `'${path}': more than ${MAXIMUM_ADDRESSES} addresses would have to be fetched. Send the content itself.`;
      throw new GatewayError("url_unsupported", message, { param: path });
    }
    const fetching = fetchOne(url, path, fetch);
    fetching.catch(() => {});
    addresses.set(url, fetching);
  }
  for (const { part, url } of found) {
    const fetched = await (addresses.get(url) as Promise<{ mediaType: string; data: string }>);
    part.media = { kind: "base64", ...fetched } satisfies Media;
  }
}
