/**
 * Words in the reader's language. A message is an ICU pattern under a key such as `wallet.home.empty`;
 * the first part of the key is the area, which is a file per language. An app registers the areas it
 * uses, so that a page carries no words of the others.
 */
import { IntlMessageFormat } from "intl-messageformat";

export const LANGUAGES = ["en", "de", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The messages of one area in one language: nested groups of patterns. */
export interface Messages {
  [key: string]: string | Messages;
}

/** What a pattern may be given. */
export type Params = Record<string, string | number | Date>;

const areas: Record<Language, Record<string, Messages>> = { en: {}, de: {}, fr: {} };
const compiled = new Map<string, IntlMessageFormat>();
let language = $state<Language>("en");

/** Registers an area in all languages. */
export function register(area: string, messages: Record<Language, Messages>): void {
  for (const each of LANGUAGES) areas[each][area] = messages[each];
}

/** The language of everything shown; reading it in a component makes the component follow. */
export function currentLanguage(): Language {
  return language;
}

/** Changes the language, also of the document. */
export function setLanguage(wanted: Language): void {
  language = wanted;
  if (typeof document !== "undefined") document.documentElement.lang = wanted;
}

/** The first of the reader's languages that there is. */
export function preferredLanguage(wanted: readonly string[]): Language {
  const bases = wanted.map((tag) => tag.toLowerCase().split("-")[0]);
  return bases.find((base): base is Language => LANGUAGES.includes(base as Language)) ?? "en";
}

/** Whether there is a message under a key. */
export function has(key: string): boolean {
  return pattern(language, key) !== undefined;
}

/** The message under a key. A missing one is a bug: the key is shown, and a test finds it. */
export function t(key: string, params?: Params): string {
  const found = pattern(language, key);
  if (found === undefined) return key;
  const id = `${language} ${key}`;
  let format = compiled.get(id);
  if (!format) {
    // `<` and `>` are letters here: no message holds markup.
    format = new IntlMessageFormat(found, language, undefined, { ignoreTag: true });
    compiled.set(id, format);
  }
  return String(format.format(params));
}

/** Chooses from texts that others wrote in several languages, such as the name of an agency. */
export function localized(texts: Readonly<Record<string, string>>): string {
  return texts[language] ?? texts["en"] ?? Object.values(texts)[0] ?? "";
}

/** How the reader writes dates and numbers: as the device says, where it speaks the chosen language. */
export function currentLocale(): string {
  const wanted = typeof navigator === "undefined" ? [] : navigator.languages;
  return wanted.find((tag) => tag.toLowerCase().split("-")[0] === language) ?? language;
}

/** The name of a country by its code, in the language of everything shown; what is no code stays as it is. */
export function country(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames(language, { type: "region", fallback: "code" }).of(code) ?? code;
}

/** A day in the reader's way of writing. */
export function day(at: Date): string {
  return new Intl.DateTimeFormat(currentLocale(), { dateStyle: "long" }).format(at);
}

/** A moment in the reader's way of writing. */
export function moment(at: Date): string {
  return new Intl.DateTimeFormat(currentLocale(), { dateStyle: "medium", timeStyle: "short" }).format(at);
}

function pattern(of: Language, key: string): string | undefined {
  const [area = "", ...path] = key.split(".");
  let found: string | Messages | undefined = areas[of][area];
  for (const part of path) {
    if (typeof found !== "object") return undefined;
    found = found[part];
  }
  return typeof found === "string" ? found : undefined;
}
