/** How people, days and codes are written. */
import { country, day } from "@holdfast/ui/messages";
import type { PersonFound, Residence } from "./types.ts";

export function fullName(person: PersonFound): string {
  return `${person.given_name} ${person.family_name}`;
}

/** A day of the calendar, which is the same everywhere. */
export function civilDay(text: string): string {
  const [year = 0, month = 1, date = 1] = text.split("-").map(Number);
  return day(new Date(year, month - 1, date));
}

export function address(residence: Residence): string {
  const { street_address, postal_code, locality } = residence;
  return `${street_address}, ${postal_code} ${locality}, ${country(residence.country)}`;
}

/** Two groups are easier to say and to type than one of six. */
export function spaced(code: string): string {
  const half = Math.ceil(code.length / 2);
  return `${code.slice(0, half)} ${code.slice(half)}`;
}
