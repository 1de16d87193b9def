// Times of the day and days of the week, as people write them.

import { z } from 'zod';

export const DAY_MINUTES = 1440;
const CLOCK_TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const CLOCK_END = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;

const minutesOf = (written: string): number => {
  const [hours, minutes] = written.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
};

const WORDS = 'a time of day from `"00:00"` to `"23:59"`, such as `"07:30"`';
/** Minutes after local midnight. */
export const clockTime = z
  .string({ error: WORDS })
  .regex(CLOCK_TIME, { error: WORDS })
  .transform(minutesOf)
  .meta({ id: 'clockTime', description: WORDS });

const END_WORDS = 'a time of day from `"00:00"` to `"24:00"`, such as `"20:00"`';
/** The same; midnight at the end of the day may be written as 24:00. */
export const clockEnd = z
  .string({ error: END_WORDS })
  .regex(CLOCK_END, { error: END_WORDS })
  .transform(minutesOf);

const DAYS: readonly string[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
export const WEEK: readonly number[] = DAYS.map((_, index) => index + 1);
const DAYS_WORDS = 'days of the week, such as `mon-fri`, `sat` or `mon, wed-fri`';
const NAME = `(?:${DAYS.join('|')})`;
const SPAN = `${NAME}(?: *- *${NAME})?`;

/** 1 is Monday. A span may run over the weekend: `sat-mon`. */
export const weekdays = z
  .string({ error: DAYS_WORDS })
  .max(100, { error: DAYS_WORDS })
  .regex(new RegExp(`^${SPAN}(?: *, *${SPAN})*$`), { error: DAYS_WORDS })
  .transform((written): readonly number[] => {
    const found = new Set(written.split(',').flatMap(spanOf));
    return WEEK.filter((day) => found.has(day));
  })
  .meta({ id: 'weekdays', description: DAYS_WORDS });

function spanOf(written: string): readonly number[] {
  const ends = written.split('-').map((name) => DAYS.indexOf(name.trim()));
  const [first = 0, last = first] = ends;
  const length = ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, i) => ((first + i) % 7) + 1);
}

/** The day after: 7 is followed by 1. */
export const dayAfter = (day: number): number => (day % 7) + 1;
