// What a fleet did while it ran, for the closing lines.

import type { Fleet } from '@ampledger/simulator';
import { kilowattHours, span } from '../output.js';

export interface Tally {
  /** Whether any station was ever connected. */
  readonly anyConnected: boolean;
  /** One line for people. */
  text(): string;
  close(): void;
}

/** Counts from now on; `now` is epoch milliseconds. */
export function startTally(fleet: Fleet, now: () => number): Tally {
  const startedAt = now();
  const connected = new Set<string>();
  const profiles = { accepted: 0, refused: 0 };
  let [cars, sessions, ended, energyWh] = [0, 0, 0, 0];
  const close = fleet.subscribe((event) => {
    if (event.kind === 'connected') connected.add(event.station);
    if (event.kind === 'plugged-in') cars++;
    if (event.kind === 'session-started') sessions++;
    if (event.kind === 'session-ended') {
      ended++;
      energyWh += event.energyWh;
    }
    if (event.kind === 'profile-answered') profiles[event.accepted ? 'accepted' : 'refused']++;
  });
  return {
    get anyConnected() {
      return connected.size > 0;
    },
    text: () =>
      [
        `${connected.size} of ${fleet.stations.length} stations connected in ${span(now() - startedAt)}`,
        `${cars} cars came`,
        `${sessions} sessions began, ${ended} ended with ${kilowattHours(energyWh)}`,
        `${profiles.accepted} limits accepted, ${profiles.refused} refused`,
      ].join('; '),
    close,
  };
}
