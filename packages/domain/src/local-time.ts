// Clocks on the wall: a site's own time zone. Asking the tables is slow, so offsets are kept.

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** No time zone changes its offset but at a quarter of an hour. */
const QUARTER_MS = 900_000;
const KEPT_MAX = 20_000;

interface Zone {
  readonly format: Intl.DateTimeFormat | null;
  readonly offsets: Map<number, number>;
  /** By minute of the day and instant: what `nextLocalMinute` found. */
  readonly next: Map<number, Map<number, number>>;
}
const zones = new Map<string, Zone>();

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone);
  if (known) return known;
  const made: Zone = { format: formatOf(timeZone), offsets: new Map(), next: new Map() };
  zones.set(timeZone, made);
  return made;
}

/** Site files name only zones that there are; a site of another release's tables counts in UTC. */
function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  const fields = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', calendar: 'gregory', ...fields });
  } catch {
    return null;
  }
}

/** How far the zone's clocks are ahead of UTC at an instant, ms. */
export function utcOffsetMs(timeZone: string, at: number): number {
  const { format, offsets } = zoneOf(timeZone);
  if (format === null) return 0;
  const quarter = Math.floor(at / QUARTER_MS);
  const known = offsets.get(quarter);
  if (known !== undefined) return known;
  if (offsets.size >= KEPT_MAX) offsets.clear();
  const shown: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of format.formatToParts(quarter * QUARTER_MS)) shown[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = shown;
  const offset = Date.UTC(year, month - 1, day, hour, minute) - quarter * QUARTER_MS;
  offsets.set(quarter, offset);
  return offset;
}

export interface LocalTime {
  /** 1 is Monday. */
  readonly weekday: number;
  /** Minutes since midnight by the clock on the wall, with a fraction. */
  readonly minute: number;
  /** Until when the offset surely is what it is. */
  readonly steadyUntil: number;
}

export function localTime(timeZone: string, at: number): LocalTime {
  const wall = at + utcOffsetMs(timeZone, at);
  const day = Math.floor(wall / DAY_MS);
  return {
    // 1 January 1970 was a Thursday.
    weekday: ((((day + 3) % 7) + 7) % 7) + 1,
    minute: (wall - day * DAY_MS) / MINUTE_MS,
    steadyUntil: (Math.floor(at / QUARTER_MS) + 1) * QUARTER_MS,
  };
}

/** Which month the clock on the wall shows: months since the year 0, January of it being 0. */
export function localMonth(timeZone: string, at: number): number {
  const wall = new Date(at + utcOffsetMs(timeZone, at));
  return wall.getUTCFullYear() * 12 + wall.getUTCMonth();
}

/**
 * The first instant after `from` at which the clock on the wall shows this minute of the day. A minute that
 * is left out in spring counts an hour later.
 */
export function nextLocalMinute(timeZone: string, from: number, minute: number): number {
  const { next } = zoneOf(timeZone);
  const found = next.get(minute) ?? new Map<number, number>();
  next.set(minute, found);
  const known = found.get(from);
  if (known !== undefined) return known;
  if (found.size >= KEPT_MAX) found.clear();
  const instant = searchMinute(timeZone, from, minute);
  found.set(from, instant);
  return instant;
}

function searchMinute(timeZone: string, from: number, minute: number): number {
  const wall = from + utcOffsetMs(timeZone, from);
  const today = Math.floor(wall / DAY_MS) * DAY_MS + minute * MINUTE_MS;
  for (const shown of [today, today + DAY_MS, today + 2 * DAY_MS]) {
    const guess = shown - utcOffsetMs(timeZone, shown - utcOffsetMs(timeZone, from));
    const instant = shown - utcOffsetMs(timeZone, guess);
    if (instant > from) return instant;
  }
  return from + DAY_MS;
}

/** 07:30 */
export function clockWords(timeZone: string, at: number): string {
  const { minute } = localTime(timeZone, at);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${two(minute / 60)}:${two(minute % 60)}`;
}
