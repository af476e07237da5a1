import type { TokenLogprob } from "../canonical/message.ts";
import { arrayAt, isObject, type JsonObject, stringAt } from "../lib/json.ts";

/** Token probabilities, the same object in Chat and in Responses. */

const one = (entry: JsonObject) => ({
  token: stringAt(entry, "token") ?? "",
  logprob: typeof entry.logprob === "number" ? entry.logprob : 0,
  bytes: Array.isArray(entry.bytes) ? (entry.bytes as number[]) : null,
});

export const decodeLogprob = (entry: JsonObject): TokenLogprob => ({
  ...one(entry),
  top: arrayAt(entry, "top_logprobs").filter(isObject).map(one),
});

export const encodeLogprob = ({ top, ...token }: TokenLogprob): JsonObject => ({ ...token, top_logprobs: top });
