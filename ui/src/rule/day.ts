/** A calendar day as rules see it: the number YYYYMMDD. */
export type Day = bigint;

const DAY_MS = 86_400_000;
/** 1 January of the year 10000, in seconds. */
const END = 253_402_300_800;

/** Reads `YYYY-MM-DD`; nothing where the Gregorian calendar has no such day. RFC 3339 `full-date` */
export function parseDay(text: string): Day | undefined {
  const parts = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (parts === null) return undefined;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const last = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  if (last === undefined || year === 0 || day === 0 || day > last) return undefined;
  return BigInt(year * 10_000 + month * 100 + day);
}

/** The day of a time in seconds, by clocks that are so many seconds ahead of UTC. */
export function dayOf(time: number, utcOffset: number): Day | undefined {
  const local = time + utcOffset;
  if (!(local >= 0 && local < END)) return undefined;
  return parseDay(new Date(Math.floor((local * 1_000) / DAY_MS) * DAY_MS).toISOString().slice(0, 10));
}

/** Whole years from a day to `today`; nothing where it lies in the future. */
export function yearsUntil(born: Day, today: Day): bigint | undefined {
  // Month and day are the last four digits: a year counts only once its day is reached.
  return born <= today ? (today - born) / 10_000n : undefined;
}
