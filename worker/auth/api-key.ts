/**
 * Virtual keys: `sk-gaia-` version(1) jurisdiction(1) organization(8) `_` id(12) `_` secret(43) `_` tag(8), 84 characters
 * read by fixed offsets (base64url contains `_`, so splitting would be wrong).
 *
 * The tag lets an isolate refuse garbage with no lookup, and keeps strangers from waking a Ledger of their choice. The MAC
 * is what is stored. Both come from the pepper, under different messages, so neither tells anything about the other.
 */
import { timingSafeEqual, toBase64Url, toHex } from "../lib/encoding.ts";
import { hmacSha256 } from "../lib/hmac.ts";
import { newId } from "../lib/ids.ts";
import type { Random } from "../lib/random.ts";

/** Where a root organization's Ledger must stay. `global`: wherever it is first called. */
export type Jurisdiction = "global" | "eu" | "us";

/** Secrets that keys and passwords are hashed under, by their version, one character of [0-9a-z]. */
export interface Peppers {
  /** The version new keys are made with. */
  current: string;
  secrets: Readonly<Record<string, string>>;
}

/** What a key says of itself; to be believed only once its tag holds. */
export interface ParsedKey {
  key: string;
  version: string;
  jurisdiction: Jurisdiction;
  rootId: string;
  keyId: string;
}

export const KEY_LENGTH = 84;
const PREFIX = "sk-gaia-";
const TAG_OFFSET = 76;
/** First 48 bits of the HMAC: exactly eight base64url characters. */
const TAG_BYTES = 6;
const SECRET_BYTES = 32;
const HINT_HEAD = 12;
const MAC_LABEL = "gaia key mac\n";
const FORM = /^sk-gaia-[0-9a-z][geu][0-9a-z]{8}_[0-9a-z]{12}_[A-Za-z0-9_-]{43}_[A-Za-z0-9_-]{8}$/;

const LETTERS: Record<Jurisdiction, string> = { global: "g", eu: "e", us: "u" };
const JURISDICTIONS: Record<string, Jurisdiction | undefined> = { g: "global", e: "eu", u: "us" };

/** Reads a key's parts without any secret. Null when it is not of our form or its pepper's version is not among ours. */
export function parseApiKey(text: string, peppers: Peppers): ParsedKey | null {
  if (text.length !== KEY_LENGTH || !FORM.test(text)) return null;
  const version = text.charAt(8);
  const jurisdiction = JURISDICTIONS[text.charAt(9)];
  if (!Object.hasOwn(peppers.secrets, version) || !jurisdiction) return null;
  return { key: text, version, jurisdiction, rootId: `org_${text.slice(10, 18)}`, keyId: `key_${text.slice(19, 31)}` };
}

function pepper(peppers: Peppers, version: string): string {
  const secret = peppers.secrets[version];
  if (!secret) throw new Error(`there is no key pepper of version ${version}`);
  return secret;
}

async function tagOf(secret: string, untagged: string): Promise<string> {
  return toBase64Url((await hmacSha256(secret, untagged)).subarray(0, TAG_BYTES));
}

/** True when a key was made under our pepper. Constant time in the tag. */
export async function verifyTag(parsed: ParsedKey, peppers: Peppers): Promise<boolean> {
  const expected = await tagOf(pepper(peppers, parsed.version), parsed.key.slice(0, TAG_OFFSET));
  return timingSafeEqual(expected, parsed.key.slice(TAG_OFFSET));
}

/** What is stored of a key: lower-case hex HMAC-SHA-256 of the whole key. */
export async function keyMac(parsed: Pick<ParsedKey, "key" | "version">, peppers: Peppers): Promise<string> {
  return toHex(await hmacSha256(pepper(peppers, parsed.version), MAC_LABEL + parsed.key));
}

/**
 * What a presented text is worth, decided offline: its parts and MAC, or null when no Ledger needs to be asked. Never
 * throws.
 */
export async function checkApiKey(text: string, peppers: Peppers): Promise<(ParsedKey & { mac: string }) | null> {
  const parsed = parseApiKey(text, peppers);
  if (!parsed || !(await verifyTag(parsed, peppers))) return null;
  return { ...parsed, mac: await keyMac(parsed, peppers) };
}

export interface NewKeyOptions {
  peppers: Peppers;
  jurisdiction: Jurisdiction;
  rootId: string;
  /** Given when the row's id is known before; else a new one is made. */
  keyId?: string;
  random: Random;
}

export interface NewKey {
  /** The whole key, to be shown once and kept nowhere. */
  key: string;
  keyId: string;
  mac: string;
  /** How people recognise the key: its first twelve and last four characters. None of them belongs to the secret. */
  hint: string;
}

/** Makes a key of the current version for a root organization. */
export async function createApiKey(options: NewKeyOptions): Promise<NewKey> {
  const { peppers, jurisdiction, rootId, random } = options;
  const keyId = options.keyId ?? newId("key", random);
  const version = peppers.current;
  const secret = toBase64Url(random(SECRET_BYTES));
  const untagged = `${PREFIX}${version}${LETTERS[jurisdiction]}${rootId.slice(4)}_${keyId.slice(4)}_${secret}_`;
  const key = untagged + (await tagOf(pepper(peppers, version), untagged));
  if (!parseApiKey(key, peppers)) throw new Error(`no key can be made for ${rootId} and ${keyId}`);
  return {
    key,
    keyId,
    mac: await keyMac({ key, version }, peppers),
    hint: `${key.slice(0, HINT_HEAD)}…${key.slice(-4)}`,
  };
}

/**
 * The jurisdiction a key's hint tells. All keys of a root carry the root's, which is stored nowhere else. Null for a hint
 * of another form.
 */
export const hintJurisdiction = (hint: string): Jurisdiction | null => JURISDICTIONS[hint.charAt(9)] ?? null;

/** The letter that keys and their hints tell a jurisdiction by. */
export const jurisdictionLetter = (jurisdiction: Jurisdiction): string => LETTERS[jurisdiction];
