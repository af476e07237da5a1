import type { DialectId } from "../canonical/dialect-id.ts";
import { parseDataUrl } from "../canonical/media-type.ts";
import {
  type Explained,
  type MediaFeature,
  noFeatures,
  type RequestFeatures,
  type ServerTool,
} from "../canonical/request-features.ts";
import { imageSize } from "../lib/image-size.ts";
import { arrayAt, countAt, isObject, type JsonObject, objectAt, stringAt } from "../lib/json.ts";

/** What the dialects' `features.ts` share. They read and never refuse: what is wrong with a request is said elsewhere. */

/** An element of an array with its path. */
export interface Placed {
  value: JsonObject;
  path: string;
}

/** The objects of an array member; a lone object counts as one where `alone` says so. */
export function placedAt(holder: unknown, key: string, path: string, alone = false): Placed[] {
  const at = path === "" ? key : `${path}.${key}`;
  const single = alone ? objectAt(holder, key) : undefined;
  if (single !== undefined) return [{ value: single, path: at }];
  return arrayAt(holder, key).flatMap((value, index) => (isObject(value) ? [{ value, path: `${at}[${index}]` }] : []));
}

/** What a piece of media says of itself. */
export interface MediaTold {
  path: string;
  kind: MediaFeature["kind"];
  mediaType?: string | null | undefined;
  detail?: string | null | undefined;
}

/** Collects a request's features while a dialect walks its body. */
export class FeatureList {
  readonly found: RequestFeatures;

  constructor(dialect: DialectId) {
    this.found = noFeatures(dialect);
  }

  /** Media in base64. */
  inline(told: MediaTold, data: string): void {
    this.found.mediaCharacters += data.length;
    const pixels = told.kind === "image" ? imageSize(data) : null;
    this.#media(told, Math.floor((data.length * 3) / 4), pixels);
  }

  /** Media at an address or under a file's id: what it is, nobody has seen. */
  elsewhere(told: MediaTold): void {
    this.#media(told, null, null);
  }

  /** A URL that may be a data URL. */
  url(told: MediaTold, url: string): void {
    const data = parseDataUrl(url);
    if (data === null) this.elsewhere(told);
    else this.inline({ ...told, mediaType: data.mediaType }, data.data);
  }

  #media({ path, kind, mediaType, detail }: MediaTold, bytes: number | null, pixels: MediaFeature["pixels"]): void {
    const typed = mediaType?.toLowerCase() ?? null;
    this.found.media.push({ path, kind, mediaType: typed, bytes, pixels, detail: detail?.toLowerCase() ?? null });
  }

  serverTool(tool: ServerTool): void {
    this.found.serverTools.push(tool);
  }

  /** Notes which of some fields are there at all. */
  stored(body: JsonObject, names: readonly string[]): void {
    this.found.stored.push(...names.filter((name) => isThere(body[name])));
  }

  explained(what: Explained): void {
    if (!this.found.explained.includes(what)) this.found.explained.push(what);
  }

  /** The form an answer must have. */
  answerSchema(schema: unknown): void {
    if (!isThere(schema)) return;
    this.explained("schema");
    this.schema(schema);
  }

  schema(schema: unknown): void {
    if (isThere(schema)) this.found.schemas.push(schema);
  }

  /** A cache mark in Anthropic's spelling or OpenAI's, where there is one. */
  cacheMark(holder: JsonObject, standard: "5m" | "30m"): void {
    for (const key of ["cache_control", "prompt_cache_breakpoint"]) {
      const mark = objectAt(holder, key);
      if (mark !== undefined) this.cacheLife(stringAt(mark, "ttl") ?? standard);
    }
  }

  /** OpenAI's life of all marks. `prompt_cache_retention` is another thing: it bounds a life, and costs nothing. */
  cacheOptions(body: JsonObject): void {
    const ttl = stringAt(objectAt(body, "prompt_cache_options"), "ttl");
    if (ttl !== undefined) this.cacheLife(ttl);
  }

  /** A life that was asked for. One we do not know is taken for the longest. */
  cacheLife(ttl: string): void {
    const life = LIVES.find((one) => one === ttl) ?? "12h";
    if (!this.found.cacheWrites.includes(life)) this.found.cacheWrites.push(life);
  }

  /** The service asked for; the words that leave it to the provider are none. */
  service(word: string | undefined, path: string): void {
    if (word !== undefined && !PLAIN.has(word.toLowerCase())) this.found.service = { word: word.toLowerCase(), path };
  }

  /** What OpenRouter reads in any dialect: other models to take, and plugins, whose prices are their own. */
  openrouter(body: JsonObject): void {
    for (const name of ["models", "fallbacks"]) {
      if (arrayAt(body, name).length > 0) this.found.otherModels.push(name);
    }
    for (const { value, path } of placedAt(body, "plugins", "")) {
      const id = stringAt(value, "id") ?? "";
      if (value.enabled !== false && !FREE_PLUGINS.has(id)) {
        this.serverTool({ path, kind: id === "web" ? "web_search" : "other", calls: null });
      }
    }
    // A suffix that switches the web plugin on.
    if (stringAt(body, "model")?.endsWith(":online")) {
      this.serverTool({ path: "model", kind: "web_search", calls: null });
    }
    const budget = countAt(objectAt(body, "reasoning"), "max_tokens");
    if (budget !== undefined) this.found.thinkingBudget = budget;
  }
}

const LIVES = ["5m", "30m", "1h", "12h"] as const;

/** Words for the service that every list price is for, or for whatever the account is set to. */
const PLAIN = new Set(["auto", "default", "standard", "standard_only", "scale", "unspecified"]);

/** They change an answer, or choose what is left out of a prompt, and call nothing that is billed. */
const FREE_PLUGINS = new Set(["response-healing", "context-compression"]);

export const isThere = (value: unknown): boolean => value !== undefined && value !== null && value !== false;
