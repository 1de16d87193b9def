// The simulated site: sixty stations behind three feeders, half of each OCPP version, a third of
// them misbehaving, each in one of the ways that stations of the field do.

import {
  type ConnectorConfig,
  DEFAULT_CONNECTOR,
  DEFAULT_CONTROL,
  DEFAULT_NODE,
  DEFAULT_SITE,
  type NodeConfig,
  type SiteConfig,
  wiredTo,
} from '@ampledger/domain';
import { nodeId, type PerPhase, type Phase, siteId, stationId } from '@ampledger/kernel';
import type { Behaviour, Random, StationSpec } from '@ampledger/simulator';

export const STATIONS = 60;
export const FEEDERS = 3;
export const GRID_A = 300;
const FEEDER_A = 140;

const ROTATIONS: readonly (readonly Phase[])[] = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0], [1], [2]];

/** One way of misbehaving for each misbehaving station; over the seeds, every way at every place. */
export const WAYS: readonly Behaviour[] = [
  { slowAnswers: {} },
  { noAnswers: {} },
  { rejectsProfiles: { probability: 0.5 } },
  { disobeys: { probability: 0.5, periodS: 7_200 } },
  { goesOffline: {} },
  { goesSilent: {} },
  { goesOffline: {}, noBootOnReconnect: {} },
  { bareMeterValues: {} },
  { buffersAndReplays: {} },
  { retriesCalls: {} },
  { wattsOnly: {} },
  { reboots: {} },
  { wrongClock: {} },
];

const node = (id: string, parent: string | null, limitA: PerPhase): NodeConfig => ({
  id: nodeId(id),
  parent: parent === null ? null : nodeId(parent),
  limitA,
  limitW: null,
  reserveA: 0,
  unmanaged: { kind: 'none' },
  ...DEFAULT_NODE,
});

const even = (a: number): PerPhase => [a, a, a];
const stationName = (i: number): string => `CP${String(i + 1).padStart(2, '0')}`;
export const isBad = (i: number): boolean => i % 3 === 2;

/** Misbehaving stations have smaller fuses, so that the worst that they can do fits under the cap. */
const maxOf = (i: number): number => (isBad(i) ? 10 : 32);

function connectorOf(i: number): ConnectorConfig {
  const phases = ROTATIONS[i % ROTATIONS.length] ?? [0];
  return {
    ...DEFAULT_CONNECTOR,
    evseId: 1,
    phases,
    wiredPhases: wiredTo(phases),
    minA: 6,
    maxA: maxOf(i),
    priority: 0,
    weight: 1,
    fallbackA: i % 2 === 0 ? 6 : 0,
    idleA: 0,
  };
}

export function depotConfig(): SiteConfig {
  const feeders = Array.from({ length: FEEDERS }, (_, i) => node(`feeder-${i + 1}`, 'grid', even(FEEDER_A)));
  return {
    ...DEFAULT_SITE,
    id: siteId('depot'),
    timeZone: 'Europe/Berlin',
    voltageV: 230,
    nodes: [node('grid', null, even(GRID_A)), ...feeders],
    stations: Array.from({ length: STATIONS }, (_, i) => ({
      id: stationId(stationName(i)),
      node: nodeId(`feeder-${(i % FEEDERS) + 1}`),
      passwordHash: null,
      connectors: [connectorOf(i)],
    })),
    control: { ...DEFAULT_CONTROL, leaseS: 1_800, minDwellS: 900, meterStaleS: 900 },
  };
}

export function depotStations(random: Random): readonly StationSpec[] {
  const offset = Math.floor(random() * WAYS.length);
  return Array.from({ length: STATIONS }, (_, i): StationSpec => {
    const { evseId, phases, maxA } = connectorOf(i);
    const behaviour = isBad(i) ? WAYS[(Math.floor(i / 3) + offset) % WAYS.length] : undefined;
    return {
      id: stationName(i),
      protocol: i % 2 === 0 ? 'ocpp1.6' : 'ocpp2.0.1',
      connectors: [{ evseId, phases, maxA }],
      ...(behaviour === undefined ? {} : { behaviour }),
    };
  });
}
