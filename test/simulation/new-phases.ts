// Which phases a car has taken up so lately that its meter cannot have shown it yet. The engine states how
// long that may take; for that long, and no longer, they are not held against it.

import type { VirtualClock } from '@ampledger/kernel';
import type { Fleet } from '@ampledger/simulator';
import type { JudgeOptions } from './judge.js';

interface Seen {
  readonly car: object | null;
  readonly phases: readonly number[];
}

/** `withinS` is the time, by station, from the change to the last cut. */
export function newPhases(
  fleet: Fleet,
  clock: VirtualClock,
  withinS: (station: string) => number,
): NonNullable<JudgeOptions['unseen']> {
  const seen = new Map<string, Seen>();
  const until = new Map<string, number>();
  fleet.subscribe((event) => {
    if (event.kind !== 'draw-changed') return;
    const station = fleet.station(event.station);
    if (station === undefined) return;
    const { car, phasesInUse } = station.outlet(event.evseId);
    const key = `${event.station}/${event.evseId}`;
    const before = seen.get(key);
    seen.set(key, { car, phases: phasesInUse });
    if (car === null || before?.car !== car) return;
    for (const phase of phasesInUse) {
      if (!before.phases.includes(phase))
        until.set(`${key}/${phase}`, clock.now() + withinS(event.station) * 1000);
    }
  });
  return (station, evseId) =>
    ([0, 1, 2] as const).filter((phase) => clock.now() < (until.get(`${station}/${evseId}/${phase}`) ?? 0));
}
