// A station's clock, as its timestamps show it. By it is told whether a sample is of the present or
// was buffered, and how much later than on ours a lease ends on the station's own clock.

import type { StationState } from './state.js';

/** A sample that is this much older on arrival than the station's stamps usually are was buffered. */
const BUFFERED_MS = 60_000;
/** Stamps before this are of a clock that was never set. */
export const CLOCK_SET_AFTER = Date.UTC(2020, 0, 1);
/** Buffered samples come younger and younger; a slow clock's keep their age, within this. */
const SAME_AGE_MS = 5_000;
const SAME_AGE_SAMPLES = 3;

export type StationClock = Pick<StationState, 'clockLagMs' | 'suspectLag'>;

/** What a stamp says of the clock, and whether it is of the present. */
export function observeStamp(
  known: StationClock,
  { receivedAt, stationAt }: { readonly receivedAt: number; readonly stationAt: number },
): { readonly clock: StationClock; readonly live: boolean } {
  const ageMs = receivedAt - stationAt;
  const usualMs = Math.max(0, known.clockLagMs ?? 0);
  const learned = { clock: { clockLagMs: ageMs, suspectLag: null }, live: true };
  if (stationAt < CLOCK_SET_AFTER || ageMs <= usualMs + BUFFERED_MS) return learned;
  const { suspectLag } = known;
  const same = suspectLag !== null && Math.abs(suspectLag.ageMs - ageMs) <= SAME_AGE_MS;
  const samples = same ? suspectLag.samples + 1 : 1;
  if (samples >= SAME_AGE_SAMPLES) return learned;
  return { clock: { clockLagMs: known.clockLagMs, suspectLag: { ageMs, samples } }, live: false };
}

/** By how much the station's clock may be behind ours, ms: the worse of what is known and what is suspected. */
export const lagMs = ({ clockLagMs, suspectLag }: StationClock): number =>
  Math.max(0, clockLagMs ?? 0, suspectLag?.ageMs ?? 0);

/** A stamp by which samples can be put in order; null where the clock says what cannot be. */
export const orderingStamp = (receivedAt: number, stationAt: number | undefined): number | null =>
  stationAt === undefined || stationAt < CLOCK_SET_AFTER || stationAt > receivedAt + BUFFERED_MS
    ? null
    : stationAt;
