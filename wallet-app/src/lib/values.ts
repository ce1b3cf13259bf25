/** What stands on a card as a code, in the reader's words. */
import { country, t } from "@holdfast/ui/messages";

/** Claims whose value is a country, by the last step of their path. ISO 3166-1 */
const COUNTRIES = new Set(["country", "nationality", "nationalities", "issuing_country"]);

/** As the register writes it, and as a passport does. ICAO Doc 9303 */
const SEXES: Readonly<Record<string, string>> = {
  female: "female",
  male: "male",
  diverse: "diverse",
  F: "female",
  M: "male",
  X: "diverse",
};

/** A text of the claim with this path, in words; what is no code that is known stays as it is. */
export function inWords(name: string, text: string): string {
  const last = name.slice(name.lastIndexOf(".") + 1);
  if (COUNTRIES.has(last)) return country(text);
  const sex = last === "sex" && Object.hasOwn(SEXES, text) ? SEXES[text] : undefined;
  return sex === undefined ? text : t(`wallet.value.sex.${sex}`);
}
