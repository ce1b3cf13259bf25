/** Contrast of colours. WCAG 2.2, relative luminance and contrast ratio. */

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** What text needs against its ground. WCAG 2.2 SC 1.4.3 */
export const TEXT_CONTRAST = 4.5;

/** What the outline of a control needs against its ground. WCAG 2.2 SC 1.4.11 */
export const CONTROL_CONTRAST = 3;

/** The colours a card is drawn with. */
export interface CardColours {
  /** The ground, already darkened or lightened where nothing was readable on it. */
  background: string;
  text: string;
  /** For the art on the ground: always further from the text than the ground, so that it never costs contrast. */
  art: string;
  /** Whether the issuer's own ground had to be laid over. */
  overlaid: boolean;
}

const WHITE: Rgb = [255, 255, 255];
const INK: Rgb = [11, 28, 33];
const BLACK: Rgb = [0, 0, 0];
const PLAIN: Rgb = [14, 77, 87];

/** Reads `#rgb` or `#rrggbb`; anything else is no colour. */
export function parseColour(text: string | null | undefined): Rgb | null {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text ?? "");
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text ?? "");
  const parts = short ? short.slice(1).map((digit) => digit + digit) : long?.slice(1);
  if (!parts) return null;
  const [red = 0, green = 0, blue = 0] = parts.map((part) => Number.parseInt(part, 16));
  return [red, green, blue];
}

/** A colour as `#rrggbb`. */
export function colour([red, green, blue]: Rgb): string {
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** How bright a colour is, from 0 to 1. */
export function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The ratio of two colours, from 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** One colour with a share of another laid over it. */
export function mix(ground: Rgb, over: Rgb, share: number): Rgb {
  const [red, green, blue] = ground.map((part, index) =>
    Math.round(part + ((over[index] ?? part) - part) * share),
  ) as unknown as Rgb;
  return [red, green, blue];
}

/**
 * What to draw a card with. The issuer's text colour is kept where it can be read, else white or ink is
 * taken; where neither can, the ground is laid over until one can.
 */
export function cardColours(background?: string | null, text?: string | null): CardColours {
  const ground = parseColour(background) ?? PLAIN;
  const wanted = parseColour(text);
  const letters =
    wanted && contrast(ground, wanted) >= TEXT_CONTRAST
      ? wanted
      : contrast(ground, WHITE) >= contrast(ground, INK)
        ? WHITE
        : INK;
  const away = luminance(letters) > luminance(ground) ? BLACK : WHITE;
  let readable = ground;
  for (let share = 0.05; contrast(readable, letters) < TEXT_CONTRAST; share += 0.05) {
    readable = mix(ground, away, share);
  }
  return {
    background: colour(readable),
    text: colour(letters),
    art: colour(mix(readable, away, 0.2)),
    overlaid: readable !== ground,
  };
}
