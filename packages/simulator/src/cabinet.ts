// A cabinet of power modules that several DC outlets share: whoever came first has what it can use, and
// a module serves one outlet at a time. Guarantees that the outlets together stay within the cabinet.

import type { Evse } from './evse.js';

export interface Cabinet {
  /** All of it, watts at the cars. */
  readonly powerW: number;
  /** One module; default: any part of the cabinet can go anywhere. */
  readonly moduleW?: number;
}

/** A product of amperes and volts that misses whole modules by less than this has them. */
const TOLERANCE_W = 1e-3;

/** What each outlet can give of its offer, amperes of the grid on each phase. */
export function shareCabinet(
  evses: readonly Pick<Evse, 'wattsPerA' | 'car'>[],
  offers: readonly number[],
  { powerW, moduleW }: Cabinet,
): readonly number[] {
  let freeW = powerW;
  return evses.map(({ wattsPerA, car }, i) => {
    const wantedW = Math.min(offers[i] ?? 0, car?.spec.maxA ?? 0) * wattsPerA;
    const takenW =
      moduleW === undefined
        ? Math.min(wantedW, freeW)
        : Math.min(Math.ceil((wantedW - TOLERANCE_W) / moduleW), Math.floor(freeW / moduleW)) * moduleW;
    freeW -= takenW;
    return Math.min(wantedW, takenW) / wattsPerA;
  });
}
