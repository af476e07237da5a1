import type { ChatDialectId } from "../canonical/dialect-id.ts";
import { sniffMediaType, typeOfName } from "../canonical/media-type.ts";
import type { Media, Part } from "../canonical/message.ts";
import type { StateOwner } from "../canonical/reasoning-state.ts";
import type { CanonicalRequest } from "../canonical/request.ts";
import { GatewayError } from "../errors.ts";
import { toPaddedBase64 } from "../lib/encoding.ts";
import { isPublicHost } from "../lib/public-host.ts";
import { readWhole } from "./read-whole.ts";

/**
 * Media that a request names by address, for providers that do not fetch: the gateway fetches it and sends it inline.
 * Addresses are a stranger's, so only public ones over https are followed, for a short time and up to a size.
 */

const TIMEOUT = 5000;
const MEGABYTE = 1024 * 1024;
/** What is taken from one address, and for one request: an isolate has 128 MB for all it does. */
const MAXIMUM = 10 * MEGABYTE;
const MAXIMUM_TOGETHER = 20 * MEGABYTE;
const REDIRECTS = 3;
/** Different addresses in one request. */
const MAXIMUM_ADDRESSES = 20;

/**
 * What becomes of an address, by kind of media: the provider fetches it itself, the gateway does, or the provider takes no
 * such media and nobody need look.
 */
type Handling = "fetches" | "inline" | "refuses";
type Kind = Found["part"]["type"];

const HANDLING: Record<ChatDialectId, Record<Kind, Handling>> = {
  "openai-chat": { image: "fetches", document: "inline", audio: "inline", video: "refuses" },
  "openai-responses": { image: "fetches", document: "fetches", audio: "refuses", video: "refuses" },
  "anthropic-messages": { image: "fetches", document: "fetches", audio: "refuses", video: "refuses" },
  "google-generate-content": { image: "inline", document: "inline", audio: "inline", video: "inline" },
};

/** OpenRouter fetches for its hosts. */
const AT_OPENROUTER: Partial<Record<Kind, Handling>> = { document: "fetches", video: "fetches" };

/** A part that stands for something at an address, and where it stood in the client's request. */
export interface Found {
  part: Extract<Part, { type: "image" | "document" | "audio" | "video" }>;
  url: string;
  path: string;
}

function* mediaOf(parts: readonly Part[]): Generator<Found> {
  for (const part of parts) {
    if (part.type === "tool_result") yield* mediaOf(part.content);
    else if (part.type === "image" || part.type === "document" || part.type === "audio" || part.type === "video") {
      if (part.media?.kind === "url") yield { part, url: part.media.url, path: part.source?.path ?? "messages" };
    }
  }
}

/** Media that the provider takes and cannot fetch by itself. */
export function mediaToInline(request: CanonicalRequest, dialect: ChatDialectId, owner: StateOwner): Found[] {
  const handling = { ...HANDLING[dialect], ...(owner === "openrouter" ? AT_OPENROUTER : {}) };
  const all = request.messages.flatMap(({ parts }) => [...mediaOf(parts)]);
  return all.filter(({ part, url }) => {
    // Anthropic follows https alone.
    if (handling[part.type] === "fetches") return dialect === "anthropic-messages" && !/^https:/i.test(url);
    return handling[part.type] === "inline";
  });
}

const refusal = (param: string, why: string, cause?: unknown): GatewayError =>
  new GatewayError("url_unsupported", `'${param}': ${why} Send the content itself.`, { param, cause });

/** An address that may be followed; throws the GatewayError that says why one is not. */
function checkAddress(text: string, param: string): URL {
  const url = URL.parse(text);
  if (url === null) throw refusal(param, "this is no address.");
  if (url.protocol !== "https:") throw refusal(param, "only https addresses are fetched.");
  if (url.username !== "" || url.password !== "") {
    throw refusal(param, "addresses with credentials are not fetched.");
  }
  // The standard port is left out by the parser.
  if (url.port !== "") throw refusal(param, "only port 443 is fetched from.");
  if (!isPublicHost(url.hostname)) throw refusal(param, "private addresses are not fetched.");
  return url;
}

/** Refuses what would not be fetched, before anything is: by its address, or for being one too many. */
export function checkAddresses(found: readonly Found[]): void {
  const addresses = new Set<string>();
  for (const { url, path } of found) {
    checkAddress(url, path);
    addresses.add(url);
    if (addresses.size > MAXIMUM_ADDRESSES) {
      throw refusal(path, `more than ${MAXIMUM_ADDRESSES} addresses would have to be fetched.`);
    }
  }
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** How addresses are fetched. */
export interface Fetching {
  fetch: Fetch;
  /** Ends all of it. */
  signal: AbortSignal;
  /** Milliseconds for one address, redirects and body included. */
  timeout?: number;
}

/** What one request may still take. */
interface Budget {
  left: number;
}

type Inline = { mediaType: string; data: string };

/** Rejects when `signal` fires before `promise` is done. */
function until<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  return Promise.race([promise, ended]).finally(() => signal.removeEventListener("abort", end));
}

async function fetchOne(address: string, param: string, fetching: Fetching, budget: Budget): Promise<Inline> {
  const timeout = fetching.timeout ?? TIMEOUT;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeout);
  const signal = AbortSignal.any([late.signal, fetching.signal]);
  try {
    return await followed(address, param, fetching.fetch, signal, budget);
  } catch (cause) {
    if (late.signal.aborted) {
      throw refusal(param, `the address did not answer within ${timeout / 1000} seconds.`, cause);
    }
    if (cause instanceof GatewayError) throw cause;
    throw refusal(param, "the address could not be fetched.", cause);
  } finally {
    clearTimeout(timer);
    // Whatever is left of a refused answer is not read.
    late.abort();
  }
}

async function followed(
  address: string,
  param: string,
  fetch: Fetch,
  signal: AbortSignal,
  budget: Budget,
): Promise<Inline> {
  let url = checkAddress(address, param);
  for (let redirects = 0; ; redirects++) {
    const response = await until(signal, fetch(url.href, { redirect: "manual", signal, headers: { accept: "*/*" } }));
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) {
      return read(response, url, param, signal, budget);
    }
    await response.body?.cancel().catch(() => {});
    if (redirects >= REDIRECTS) throw refusal(param, "the address redirects too often.");
    url = checkAddress(URL.parse(location, url.href)?.href ?? location, param);
  }
}

async function read(response: Response, url: URL, param: string, signal: AbortSignal, budget: Budget): Promise<Inline> {
  if (!response.ok || response.body === null) {
    await response.body?.cancel().catch(() => {});
    throw refusal(param, `the address answered with status ${response.status}.`);
  }
  const bytes = await readWhole(response.body, MAXIMUM, TIMEOUT, signal);
  if (bytes === null) throw refusal(param, `what is at the address is larger than ${MAXIMUM / MEGABYTE} MB.`);
  if (bytes.byteLength === 0) throw refusal(param, "there is nothing at the address.");
  budget.left -= bytes.byteLength;
  if (budget.left < 0) {
    throw refusal(param, `what is at the addresses is larger than ${MAXIMUM_TOGETHER / MEGABYTE} MB together.`);
  }
  const data = toPaddedBase64(bytes);
  const told = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  const vague = told === undefined || told === "" || told === "application/octet-stream";
  const typed = vague ? typeOfName(url.pathname) : told;
  return { mediaType: sniffMediaType(data) ?? typed ?? "application/octet-stream", data };
}

/** Fetches what `found` names and puts it into the request, which is changed in place; each is named as a change. */
export async function inlineMedia(found: readonly Found[], fetching: Fetching): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([fetching.signal, failed.signal]);
  const budget: Budget = { left: MAXIMUM_TOGETHER };
  const addresses = new Map<string, Promise<Inline>>();
  for (const { url, path } of found) {
    if (!addresses.has(url)) addresses.set(url, fetchOne(url, path, { ...fetching, signal }, budget));
  }
  try {
    await Promise.all(addresses.values());
  } catch (error) {
    failed.abort();
    throw error;
  }
  for (const { part, url } of found) {
    part.media = { kind: "base64", ...(await (addresses.get(url) as Promise<Inline>)) } satisfies Media;
  }
}
