/** Whether every word of a query stands somewhere in the texts, whatever its case and accents. */
export function matches(query: string, texts: readonly string[]): boolean {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const all = fold(texts.join("\n"));
  return words.every((word) => all.includes(word));
}

function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
