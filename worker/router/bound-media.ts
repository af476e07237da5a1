import type { MediaFeature } from "../canonical/request-features.ts";
import type { ProviderId } from "../providers/provider.ts";

/**
 * The most tokens that a piece of media can become, by who counts them. Null: as many as the model's window holds. Figures
 * are the vendors' own (their vision, audio and document guides), taken at the dearest of their models; docs/prices.md
 * says which are still to be checked.
 */

/** Who counts: a vendor, or whoever runs an open model. */
type Counter = "openai" | "anthropic" | "google" | "open";

const COUNTERS: Record<ProviderId, Counter> = {
  openai: "openai",
  anthropic: "anthropic",
  google: "google",
  openrouter: "open",
  compatible: "open",
};

/** A reseller's models are counted by those who make them. */
function counterOf(provider: ProviderId, upstreamModel: string): Counter {
  if (provider !== "openrouter") return COUNTERS[provider];
  const [maker = ""] = upstreamModel.split("/");
  if (maker === "openai" && !/\/gpt-oss/.test(upstreamModel)) return "openai";
  if (maker === "anthropic") return "anthropic";
  return maker === "google" && /\/gemini/.test(upstreamModel) ? "google" : "open";
}

/** What stands around a piece of media in a prompt: its label, time stamps, a file's name. */
const AROUND = 64;

const patches = ({ width, height }: { width: number; height: number }, edge: number): number =>
  Math.ceil(width / edge) * Math.ceil(height / edge);

/** Larger images are made smaller by all three vendors; none is made larger. */
const IMAGES: Record<Counter, (image: MediaFeature, upstreamModel: string) => number | null> = {
  openai({ pixels, detail }, upstreamModel) {
    // Tiles of 5,667 tokens, eight at most, on 2,833: the model is priced lower instead.
    if (/gpt-4o-mini/.test(upstreamModel)) return detail === "low" ? 2_833 : 48_169;
    // 256 patches of 32 pixels, at most 2.46 tokens each.
    if (detail === "low") return 630;
    // At most 10,000 patches in the original size; by tiles 85 and eight times 170, whatever the size.
    const counted = pixels === null ? 10_000 : Math.min(10_000, patches(pixels, 32));
    return Math.max(1_445, Math.ceil((counted * 246) / 100));
  },
  // A token for 750 pixels, or for a patch of 28; 4,784 for the largest that is not made smaller.
  anthropic: ({ pixels }) =>
    pixels === null
      ? 4_784
      : Math.min(4_784, Math.max(patches(pixels, 28), Math.ceil((pixels.width * pixels.height) / 750))),
  // 24 tiles and an overview of 258 tokens each (Gemini 2); 2,240 in the highest resolution (Gemini 3).
  google: ({ pixels }) => (pixels !== null && Math.max(pixels.width, pixels.height) <= 384 ? 2_240 : 6_450),
  // No open model has finer patches than of 14 pixels; some make small images larger, to some 3,000 tokens.
  open: ({ pixels }) => (pixels === null ? null : Math.max(4_096, patches(pixels, 14))),
};

/** Tokens a second of sound. */
const SOUND: Record<Counter, number> = { openai: 10, anthropic: 32, google: 32, open: 50 };

/** Formats that spend 8 kbit on the quietest second; others may write an hour of silence into nothing. */
const STEADY_SOUND = /^audio\/(?:x-)?(?:wave?|mp3|mpeg|pcm16)$/;
const LEAST_BYTES_PER_SECOND = 1_000;

/** Read as text, byte by byte. */
const TEXT = /^text\/|[/+](?:json|xml)$/;

/** The most tokens of one piece. */
export function mediaTokens(media: MediaFeature, provider: ProviderId, upstreamModel: string): number | null {
  const tokens = counted(media, counterOf(provider, upstreamModel), upstreamModel);
  return tokens === null ? null : tokens + AROUND;
}

function counted(media: MediaFeature, counter: Counter, upstreamModel: string): number | null {
  const { kind, bytes, mediaType } = media;
  switch (kind) {
    case "image":
      return IMAGES[counter](media, upstreamModel);
    case "audio":
      if (bytes === null || !STEADY_SOUND.test(mediaType ?? "")) return null;
      return Math.ceil((bytes * SOUND[counter]) / LEAST_BYTES_PER_SECOND);
    case "document":
      // A page of a PDF is a handful of bytes, or none that can be counted.
      return bytes !== null && TEXT.test(mediaType ?? "") ? bytes : null;
    case "video":
      // Seconds of film are not to be told from its bytes.
      return null;
  }
}
