// Local time of a site by the quarter-hour: every offset from UTC in use is a multiple of it.

import { MINUTE_MS } from './minute-bins.js';

const MINUTES_PER_QUARTER = 15;

export interface LocalMinute {
  /** 1 is Monday. */
  readonly day: number;
  /** After local midnight. */
  readonly minute: number;
  /** `2026-03`. */
  readonly month: string;
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** From minutes since 1970 to the site's local time. */
export function localMinutes(timeZone: string): (minute: number) => LocalMinute {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  const known = new Map<number, LocalMinute>();
  const quarterOf = (quarter: number): LocalMinute => {
    const parts = format.formatToParts(quarter * MINUTES_PER_QUARTER * MINUTE_MS);
    const part = (type: Intl.DateTimeFormatPartTypes): string =>
      parts.find((one) => one.type === type)?.value ?? '';
    return {
      day: DAYS.indexOf(part('weekday')) + 1,
      minute: Number(part('hour')) * 60 + Number(part('minute')),
      month: `${part('year')}-${part('month')}`,
    };
  };
  return (minute) => {
    const quarter = Math.floor(minute / MINUTES_PER_QUARTER);
    const local = known.get(quarter) ?? quarterOf(quarter);
    known.set(quarter, local);
    return { ...local, minute: local.minute + minute - quarter * MINUTES_PER_QUARTER };
  };
}
