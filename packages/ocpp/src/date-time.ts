// RFC 3339 date-times as stations write them. `isDateTime` accepts exactly what the OCA's schemas
// accept (ajv-formats "date-time"); `parseInstant` also reads a time that lost its zone.

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt\s](\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)?$/;
const DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** A fraction of a second needs no more digits than this; longer texts are not read twice. */
const LENGTH_MAX = 64;

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Minutes east of UTC; null when the text names no zone. */
  readonly offsetMin: number | null;
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const daysIn = (year: number, month: number): number =>
  month === 2 && isLeap(year) ? 29 : (DAYS[month] ?? 0);

/** A leap second may only be the last of a UTC day (RFC 3339 section 5.7). */
function isLeapSecond(hour: number, minute: number, second: number, zone: { h: number; m: number }): boolean {
  const utcMinute = minute - zone.m;
  const utcHour = hour - zone.h - (utcMinute < 0 ? 1 : 0);
  return (utcHour === 23 || utcHour === -1) && (utcMinute === 59 || utcMinute === -1) && second < 61;
}

/** The last text that was read: a message's schema asks for it first, then its meaning. */
let last: { readonly text: string; readonly parts: Parts | null } = { text: '', parts: null };

function read(text: string): Parts | null {
  if (text !== last.text) last = { text, parts: readParts(text) };
  return last.parts;
}

function readParts(text: string): Parts | null {
  const found = DATE_TIME.exec(text);
  if (found === null) return null;
  const year = Number(found[1]);
  const month = Number(found[2]);
  const day = Number(found[3]);
  const hour = Number(found[4]);
  const minute = Number(found[5]);
  const second = Number(found[6]);
  const sign = found[8] === '-' ? -1 : 1;
  const zoneH = Number(found[9] ?? 0);
  const zoneM = Number(found[10] ?? 0);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || zoneH > 23 || zoneM > 59)
    return null;
  const zone = { h: sign * zoneH, m: sign * zoneM };
  const inDay = hour <= 23 && minute <= 59 && second < 60;
  if (!inDay && !isLeapSecond(hour, minute, second, zone)) return null;
  const zoned = found[7] !== undefined || found[8] !== undefined;
  return { year, month, day, hour, minute, second, offsetMin: zoned ? zone.h * 60 + zone.m : null };
}

/** True for a date-time with a zone, as the schemas want it. */
export const isDateTime = (text: string): boolean => read(text)?.offsetMin != null;

/** True for a date-time whose only fault is that it names no zone. */
export const lacksZone = (text: string): boolean => {
  const parts = read(text);
  return parts !== null && parts.offsetMin === null;
};

/** Epoch milliseconds; a time without a zone counts as UTC. Undefined when it cannot be read. */
export function parseInstant(text: unknown): number | undefined {
  if (typeof text !== 'string' || text.length > LENGTH_MAX) return undefined;
  const parts = read(text);
  if (parts === null) return undefined;
  const at = new Date(0);
  at.setUTCFullYear(parts.year, parts.month - 1, parts.day);
  at.setUTCHours(parts.hour, parts.minute - (parts.offsetMin ?? 0), 0, Math.round(parts.second * 1000));
  return at.getTime();
}

/** The way we write an instant: UTC with milliseconds. */
export const formatInstant = (atMs: number): string => new Date(atMs).toISOString();

/** UTC in whole seconds: some stations read no fractions in a schedule. */
export const formatSecond = (atMs: number): string =>
  `${new Date(Math.floor(atMs / 1000) * 1000).toISOString().slice(0, 19)}Z`;
