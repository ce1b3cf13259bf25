import type { IconName } from "./components/icons.ts";

/** How something is meant; always shown with an icon and a word, never by colour alone. */
export type Tone = "info" | "good" | "bad" | "unsure";

/** The icon that goes with a tone. */
export const TONE_ICON: Record<Tone, IconName> = {
  info: "info",
  good: "yes",
  bad: "no",
  unsure: "unsure",
};
