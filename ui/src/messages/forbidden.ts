/** Words that citizens never read: those of engineers, where people have their own. */
import words from "./forbidden.json" with { type: "json" };
import type { Language } from "./index.svelte.ts";

/** The forbidden words in a text. Those under `exact` count only in capitals: "did" is a word. */
export function forbiddenWords(text: string, language: Language): string[] {
  return [matches(text, words.exact, "gu"), matches(text, words[language], "giu")].flat();
}

function matches(text: string, list: readonly string[], flags: string): string[] {
  const whole = new RegExp(`(?<![\\p{L}\\p{N}])(?:${list.join("|")})(?![\\p{L}\\p{N}])`, flags);
  return text.match(whole) ?? [];
}
