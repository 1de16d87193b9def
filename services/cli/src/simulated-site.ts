// Simulated stations for the sites of the engine: the connectors as the site file has them, the two
// versions of OCPP in turn.

import type { SiteConfig } from '@ampledger/domain';
import type { Phase } from '@ampledger/kernel';
import type { Behaviour, Protocol, StationSpec } from '@ampledger/simulator';

export type ProtocolChoice = '1.6' | '2.0.1' | 'both';
export const PROTOCOL_CHOICES: readonly ProtocolChoice[] = ['1.6', '2.0.1', 'both'];

export function protocolFor(choice: ProtocolChoice, index: number): Protocol {
  if (choice === 'both') return index % 2 === 0 ? 'ocpp1.6' : 'ocpp2.0.1';
  return `ocpp${choice}`;
}

export const stationsOfSite = (site: SiteConfig, choice: ProtocolChoice): readonly StationSpec[] =>
  site.stations.map(({ id, connectors }, index) => ({
    id,
    protocol: protocolFor(choice, index),
    connectors: connectors.map(({ evseId, phases, maxA }) => ({ evseId, phases, maxA })),
  }));

const ROTATIONS: readonly (readonly Phase[])[] = [
  [0, 1, 2],
  [1, 2, 0],
  [2, 0, 1],
];
const MAX_A = 32;

/** `CP001`, `CP002`, ...: three phases each, their order turned from one to the next. */
export function numberedStations(
  prefix: string,
  count: number,
  choice: ProtocolChoice,
): readonly StationSpec[] {
  const digits = Math.max(3, String(count).length);
  return Array.from({ length: count }, (_, index) => ({
    id: `${prefix}${String(index + 1).padStart(digits, '0')}`,
    protocol: protocolFor(choice, index),
    connectors: [{ evseId: 1, phases: ROTATIONS[index % ROTATIONS.length] ?? [0, 1, 2], maxA: MAX_A }],
  }));
}

/** The first `share` of the stations behave so, the others well. */
export function misbehaving(
  stations: readonly StationSpec[],
  behaviour: Behaviour,
  share: number,
): readonly StationSpec[] {
  const count = Math.round(stations.length * share);
  return stations.map((station, index) => (index < count ? { ...station, behaviour } : station));
}
