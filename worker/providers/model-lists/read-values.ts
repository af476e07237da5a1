import { MODALITIES, OUTPUTS } from "../../catalog/model-facts-schema.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";

/** Small readers for what providers list. What is of another kind than expected reads as undefined. */

/** Longer or with other characters it is no name that could be asked for. */
const NAME = /^[\x21-\x7e]{1,200}$/;

export const nameAt = (entry: JsonObject, key: string): string | null => {
  const value = entry[key];
  return typeof value === "string" && NAME.test(value) ? value : null;
};

/** One line for people. */
export function lineAt(entry: JsonObject, key: string): string | undefined {
  const value = entry[key];
  if (typeof value !== "string" || !value.isWellFormed()) return undefined;
  const line = value
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, " ")
    .trim()
    .slice(0, 200);
  return line === "" || !line.isWellFormed() ? undefined : line;
}

const MOST_TOKENS = 100_000_000;

export function tokensAt(entry: unknown, key: string): number | undefined {
  const value = isObject(entry) ? entry[key] : undefined;
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MOST_TOKENS ? value : undefined;
}

/** The day of a date or a moment in ISO form. */
export function dayAt(entry: JsonObject, key: string): string | undefined {
  const value = entry[key];
  const day = typeof value === "string" ? (/^(20\d\d-\d\d-\d\d)(?:$|T)/.exec(value)?.[1] ?? null) : null;
  return day === null || Number.isNaN(Date.parse(day)) ? undefined : day;
}

/** The day of a moment in seconds since the epoch. */
export function dayOfSeconds(entry: JsonObject, key: string): string | undefined {
  const value = entry[key];
  if (typeof value !== "number" || !(value > 1e9 && value < 4e9)) return undefined;
  return new Date(value * 1000).toISOString().slice(0, 10);
}

/** Words of others for the catalogue's. */
const WORDS: Readonly<Record<string, string>> = { file: "pdf", embeddings: "embedding" };

const among = <Word extends string>(value: unknown, words: readonly Word[]): Word[] | undefined => {
  if (!Array.isArray(value)) return undefined;
  const given = new Set(value.map((word: unknown) => (typeof word === "string" ? (WORDS[word] ?? word) : "")));
  const known = words.filter((word) => given.has(word));
  return known.length === 0 ? undefined : known;
};

export const inputsAt = (entry: unknown, key: string) => among(isObject(entry) ? entry[key] : undefined, MODALITIES);
export const outputsAt = (entry: unknown, key: string) => among(isObject(entry) ? entry[key] : undefined, OUTPUTS);

/** USD a token, as text, for USD per 1,000,000 tokens; exact. Undefined for what is no such price, as -1 for "it depends". */
export function perMillion(value: unknown): string | undefined {
  const [, whole = "", fraction = ""] =
    typeof value === "string" ? (/^(\d{1,3})(?:\.(\d{1,12}))?$/.exec(value) ?? []) : [];
  if (whole === "") return undefined;
  const digits = whole + fraction.padEnd(12, "0");
  const [units, parts] = [digits.slice(0, -6).replace(/^0+(?=\d)/, ""), digits.slice(-6).replace(/0+$/, "")];
  return parts === "" ? units : `${units}.${parts}`;
}

/** Without the members that are not known. */
export const known = <T extends object>(given: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
