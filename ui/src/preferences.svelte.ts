/** Language and appearance of a page: as the device has them until the reader chooses. */
import { LANGUAGES, type Language, preferredLanguage, setLanguage } from "./messages/index.svelte.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

let theme = $state<Theme>("system");

/** Called once before a page is shown: takes up what was chosen last time. */
export function startPreferences(): void {
  const language = remembered("language", LANGUAGES);
  setLanguage(language ?? preferredLanguage(navigator.languages));
  setTheme(remembered("theme", THEMES) ?? "system");
}

/** The appearance that was chosen; reading it in a component makes the component follow. */
export function currentTheme(): Theme {
  return theme;
}

/** Changes the appearance of the document. */
export function setTheme(wanted: Theme): void {
  theme = wanted;
  if (wanted === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = wanted;
}

/** The reader chose a language: now and on the next visit. */
export function chooseLanguage(wanted: Language): void {
  setLanguage(wanted);
  remember("language", wanted);
}

/** The reader chose an appearance: now and on the next visit. */
export function chooseTheme(wanted: Theme): void {
  setTheme(wanted);
  remember("theme", wanted);
}

function remembered<Value extends string>(name: string, allowed: readonly Value[]): Value | undefined {
  try {
    const value = localStorage.getItem(`holdfast.${name}`);
    return allowed.find((each) => each === value);
  } catch {
    // A browser may forbid storage; then a choice holds until the page is closed.
    return undefined;
  }
}

function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`holdfast.${name}`, value);
  } catch {
    // As above.
  }
}
