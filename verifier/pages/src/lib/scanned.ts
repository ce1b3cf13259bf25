/** What to do with the texts that a reader found at once. */
import { classify, type Kind } from "@holdfast/ui/qr";

export type Scanned =
  | { answer: string }
  /** Nothing that this desk takes: why, as the messages name it. */
  | { refused: "several" | Exclude<Kind, "response"> };

/** An answer counts also beside this page's own code, which the camera may see as well. */
export function judge(texts: readonly string[], own: string | undefined): Scanned {
  const others = [...new Set(texts.map((text) => text.trim()))].filter((text) => text !== own);
  const answers = others.filter((text) => classify(text) === "response");
  const [answer] = answers;
  if (answer !== undefined && answers.length === 1) return { answer };
  if (others.length > 1) return { refused: "several" };
  const kind = classify(others[0] ?? texts[0] ?? "");
  return { refused: kind === "response" ? "other" : kind };
}
