// The hours below a plan: round ones by the clock on the wall of the site, a day's name at its midnight.

import { clockTime, shortDay } from '../words/format.js';
import { shareOf } from './plan-shape.js';

export interface Tick {
  readonly at: number;
  /** Percent of the plan's time. */
  readonly share: number;
  readonly label: string;
}

const QUARTER_MS = 900_000;
const STEPS_H = [1, 2, 3, 4, 6, 12, 24] as const;
const TICKS_MAX = 8;

export function ticksOf(
  time: { readonly from: number; readonly to: number },
  timeZone: string,
): readonly Tick[] {
  const hours = (time.to - time.from) / (4 * QUARTER_MS);
  const step = STEPS_H.find((each) => hours / each <= TICKS_MAX) ?? 24;
  const ticks: Tick[] = [];
  // Wherever on earth: clocks are ahead of each other by whole quarters of an hour.
  for (let at = Math.ceil(time.from / QUARTER_MS) * QUARTER_MS; at < time.to; at += QUARTER_MS) {
    const label = clockTime(at, timeZone);
    const [hour, minute] = label.split(':').map(Number);
    if (minute !== 0 || hour === undefined || hour % step !== 0) continue;
    ticks.push({ at, share: shareOf(at, time) ?? 0, label: hour === 0 ? shortDay(at, timeZone) : label });
  }
  return ticks;
}
