/** Dates and ages in the reader's way of writing. */
import { currentLanguage, currentLocale, day, moment } from "@holdfast/ui/messages";

/** A calendar date, `YYYY-MM-DD`: the same day in every time zone. Anything else is left as it is. */
export function formatDate(date: string): string {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!parts) return date;
  const at = new Date(Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3])));
  return new Intl.DateTimeFormat(currentLocale(), { dateStyle: "long", timeZone: "UTC" }).format(at);
}

/** The day of a Unix time. */
export function formatDay(seconds: number): string {
  return day(new Date(seconds * 1000));
}

/** The day of a Unix time, for a narrow column. */
export function formatDayShort(seconds: number): string {
  return new Intl.DateTimeFormat(currentLocale(), { dateStyle: "medium" }).format(new Date(seconds * 1000));
}

/** The moment of a Unix time. */
export function formatMoment(seconds: number): string {
  return moment(new Date(seconds * 1000));
}

/** The time of day of a Unix time. */
export function formatTime(seconds: number): string {
  return new Intl.DateTimeFormat(currentLocale(), { timeStyle: "short" }).format(new Date(seconds * 1000));
}

/** How long ago something was: "3 minutes ago". */
export function formatAgo(seconds: number, now: number): string {
  const age = Math.max(0, now - seconds);
  const relative = new Intl.RelativeTimeFormat(currentLanguage(), { numeric: "auto" });
  if (age < 60) return relative.format(0, "minute");
  if (age < 3600) return relative.format(-Math.floor(age / 60), "minute");
  if (age < 86_400) return relative.format(-Math.floor(age / 3600), "hour");
  return relative.format(-Math.floor(age / 86_400), "day");
}

/** Now, as the wallet counts time. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
