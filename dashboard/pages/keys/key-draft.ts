import type { ChangedKey } from "./key-query.ts";

type Permission = ChangedKey["permissions"][number];

/** A key's terms as they are being written: lists as lines, days as a date's field has them. */
export interface KeyDraft {
  name: string;
  owner: string;
  /** `2027-01-31`; empty: never. */
  expires: string;
  permissions: Permission[];
  models: string;
  addresses: string;
  origins: string;
  tags: string;
  note: string;
  strict: boolean;
}

const DAY_MS = 86_400_000;
const EXPIRES_AFTER_DAYS = 90;

/** A moment as a date's field has it, by the reader's clocks. */
function dayOf(moment: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** The end of that day by the reader's clocks; null: never. */
export const endOfDay = (day: string): string | null => (day === "" ? null : new Date(`${day}T23:59:59`).toISOString());

/** Where a new key begins. `now` in milliseconds since the epoch. */
export const newKeyDraft = (owner: string, now: number): KeyDraft => ({
  name: "",
  owner,
  expires: dayOf(new Date(now + EXPIRES_AFTER_DAYS * DAY_MS)),
  permissions: ["read", "write"],
  models: "",
  addresses: "",
  origins: "",
  tags: "",
  note: "",
  strict: false,
});

const lines = (list: readonly string[] | null): string => list?.join("\n") ?? "";

/** The terms a key has. */
export const draftOfKey = (key: ChangedKey): KeyDraft => ({
  name: key.name,
  owner: key.owner,
  expires: key.expires_at ? dayOf(new Date(key.expires_at)) : "",
  permissions: [...key.permissions],
  models: lines(key.models),
  addresses: lines(key.ip_ranges),
  origins: lines(key.origins),
  tags: lines(key.tags),
  note: key.note ?? "",
  strict: key.strict,
});

const listed = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);
const listOrNull = (text: string): string[] | null => (listed(text).length > 0 ? listed(text) : null);

/** The terms under the API's names. */
export const termsOfDraft = (draft: KeyDraft) => ({
  name: draft.name.trim(),
  owner: draft.owner,
  expires_at: endOfDay(draft.expires),
  permissions: draft.permissions,
  models: listOrNull(draft.models),
  ip_ranges: listOrNull(draft.addresses),
  origins: listOrNull(draft.origins),
  tags: listed(draft.tags),
  note: draft.note.trim() || null,
  strict: draft.strict,
});

type Terms = ReturnType<typeof termsOfDraft>;

/** Only what was written anew; a day that was not touched keeps its hour. */
export function changesOf(before: KeyDraft, after: KeyDraft): Partial<Terms> {
  const [old, terms] = [termsOfDraft(before), termsOfDraft(after)];
  return Object.fromEntries(
    Object.entries(terms).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name as keyof Terms])),
  );
}
