import { flatten, resolveTemplate } from "@solid-primitives/i18n";
import { createSignal } from "solid-js";
import type { Key, Words } from "./keys.ts";

/** What people may choose; the name of each is in its own language. */
export const LOCALES = { en: "English", "zh-CN": "简体中文" } as const;

/** `en-XA` is English with every letter accented and a third longer: what is not in a dictionary stands out. */
export type Locale = keyof typeof LOCALES | "en-XA";

type Texts = Record<string, string>;
/** A file of texts: words by name, at any depth. */
interface Dictionary {
  [name: string]: string | Dictionary;
}

const files = import.meta.glob<Dictionary>(["./{en,zh-CN}/*.ts", "!./*/{common,overview,shell}.ts"], {
  import: "texts",
});
/** Where the texts of a file stand, when not by its own name. */
const PLACES: Partial<Record<Words, (texts: Dictionary) => Dictionary>> = {
  frame: (texts) => texts,
  editing: (texts) => ({ common: texts }),
};
const loaded = new Set<Words>();
/** Those of `loaded`, in the page's language: who reads one has asked for its file before, so that only the language can change it. */
let texts: Texts = {};
const [locale, setLocaleSignal] = createSignal<Locale>(startingLocale());

/** The language of the page. */
export { locale };

function startingLocale(): Locale {
  const kept = localStorage.getItem("locale");
  if (kept === "en" || kept === "zh-CN" || kept === "en-XA") return kept;
  return navigator.languages.find((language) => /^(?:en|zh)\b/i.test(language))?.startsWith("zh") ? "zh-CN" : "en";
}

async function read(words: Words, language: Locale): Promise<Texts> {
  const load = files[`./${language === "en-XA" ? "en" : language}/${words}.ts`];
  if (!load) throw new Error(`There are no texts "${words}" in ${language}.`);
  const own = await load();
  const flat = flatten<Dictionary>(PLACES[words]?.(own) ?? { [words]: own }) as unknown as Texts;
  if (language !== "en-XA") return flat;
  const { pseudo } = await import("./pseudo.ts");
  // Flattened, a group of texts stands beside its texts.
  return Object.fromEntries(
    Object.entries(flat).map(([key, text]) => [key, typeof text === "string" ? pseudo(text) : text]),
  );
}

/** Reads the texts of a part of the dashboard, once, before that part is shown. */
export async function loadTexts(words: Words): Promise<void> {
  if (loaded.has(words)) return;
  Object.assign(texts, await read(words, locale()));
  loaded.add(words);
}

/** Changes the language; what is on the page changes when all its texts are there. */
export async function setLocale(next: Locale): Promise<void> {
  const all = await Promise.all([...loaded].map((words) => read(words, next)));
  localStorage.setItem("locale", next);
  document.documentElement.lang = next === "en-XA" ? "en" : next;
  texts = Object.assign({}, ...all);
  setLocaleSignal(next);
}

/** The text of a key in the page's language, with `{{ name }}` filled in. Read in JSX, it changes with the language. */
export function t(key: Key, values?: Record<string, string | number>): string {
  locale();
  const text = texts[key] ?? key;
  return values ? resolveTemplate(text, values) : text;
}

/** `key.one`, `key.other` … by the language's own plural rules, with `{{ count }}` filled in as that language writes it. */
export function plural(key: PluralKey, count: number, values?: Record<string, string | number>): string {
  const form = new Intl.PluralRules(numberLocale()).select(count);
  const text = texts[`${key}.${form}`] ?? texts[`${key}.other`] ?? key;
  return resolveTemplate(text, { count: new Intl.NumberFormat(numberLocale()).format(count), ...values });
}

type PluralKey = Key extends infer K ? (K extends `${infer Stem}.other` ? Stem : never) : never;

/** The locale that numbers and dates are written by. */
export const numberLocale = (): string => (locale() === "en-XA" ? "en" : locale());
