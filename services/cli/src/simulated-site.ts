// Simulated stations for the sites of the engine: the connectors as the site file has them, the two
// versions of OCPP in turn. Where the file does not know how a station is wired, the simulated one is wired somehow.

import { type ConnectorConfig, type SiteConfig, type StationConfig, wattsPerAmpere } from '@ampledger/domain';
import type { Phase } from '@ampledger/kernel';
import type { Behaviour, Cabinet, EvseSpec, Protocol, StationSpec } from '@ampledger/simulator';

export type ProtocolChoice = '1.6' | '2.0.1' | 'both';
export const PROTOCOL_CHOICES: readonly ProtocolChoice[] = ['1.6', '2.0.1', 'both'];

export function protocolFor(choice: ProtocolChoice, index: number): Protocol {
  if (choice === 'both') return index % 2 === 0 ? 'ocpp1.6' : 'ocpp2.0.1';
  return `ocpp${choice}`;
}

const ROTATIONS: readonly (readonly Phase[])[] = [
  [0, 1, 2],
  [1, 2, 0],
  [2, 0, 1],
];
const MAX_A = 32;

export const stationsOfSite = (site: SiteConfig, choice: ProtocolChoice): readonly StationSpec[] =>
  site.stations.map((station, index) => ({
    id: station.id,
    protocol: protocolFor(choice, index),
    connectors: station.connectors.map((connector) => evseOf(connector, index)),
    ...voltageOf(station, site),
    ...cabinetOf(station, site),
  }));

function evseOf(connector: ConnectorConfig, station: number): EvseSpec {
  const { evseId, phases, maxA, current, efficiency, stepA, stepsA, rotationKnown, wiredPhases } = connector;
  const turned = ROTATIONS[station % ROTATIONS.length] ?? phases;
  return {
    evseId,
    phases: rotationKnown ? phases : turned.filter((p) => phases.includes(p)).slice(0, wiredPhases),
    maxA,
    ...(current === 'dc' ? { dc: { efficiency } } : {}),
    ...(stepA > 0 ? { stepA } : {}),
    ...(stepsA === null ? {} : { stepsA }),
  };
}

/**
 * Behind a delta a station on one leg is under the voltage between two lines; one on all three lines carries the
 * currents of lines, which are under that of the star's arms.
 */
function voltageOf({ connectors }: StationConfig, { wiring, voltageV }: SiteConfig): { voltageV?: number } {
  const onThreeLines = wiring === 'delta' && connectors.some(({ phases }) => phases.length === 3);
  return onThreeLines ? { voltageV: voltageV / Math.sqrt(3) } : {};
}

/** DC outlets behind a power limit of their own share the modules of one cabinet. */
function cabinetOf({ node: id, connectors }: StationConfig, site: SiteConfig): { cabinet?: Cabinet } {
  const node = site.nodes.find((one) => one.id === id);
  const limitW = node?.limitW ?? null;
  const [first] = connectors;
  const isAlone = site.stations.filter((station) => station.node === id).length === 1;
  if (limitW === null || first === undefined || !isAlone || connectors.length < 2) return {};
  if (connectors.some(({ current }) => current !== 'dc')) return {};
  const { stepA, efficiency, phases } = first;
  const moduleW = stepA * wattsPerAmpere(site, phases) * efficiency;
  return { cabinet: { powerW: limitW * efficiency, ...(moduleW > 0 ? { moduleW } : {}) } };
}

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
