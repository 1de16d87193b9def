// The depot of the days of phases: of a quarter of its stations nobody wrote down which phases they are
// wired to, cars use one, two or three of them and some change their minds, and meters fall silent.

import type { ConnectorConfig, SiteConfig } from '@ampledger/domain';
import { mapPhases, type Phase } from '@ampledger/kernel';
import {
  type Behaviour,
  type CarPhases,
  type CarSpec,
  chance,
  type Random,
  type StationSpec,
} from '@ampledger/simulator';
import { depotConfig, isBad } from './depot.js';

const WAYS: readonly Behaviour[] = [
  { meterGoesSilent: {} },
  { meterGoesSilent: { periodS: 7_200, forS: 3_000 } },
  { goesOffline: {} },
  { goesSilent: {} },
  { noAnswers: {} },
  { slowAnswers: {} },
  { buffersAndReplays: {} },
  { reboots: {} },
];

const isUnknown = (i: number): boolean => i % 4 === 1;
const THREE: readonly Phase[] = [0, 1, 2];

/** Where the rotation is not known, a station counts on every phase that it may be wired to. */
const unknown = (connector: ConnectorConfig): ConnectorConfig => ({
  ...connector,
  phases: THREE,
  rotationKnown: false,
});

/** How much of the depot, and for how long. */
export interface DaySize {
  readonly stations: number;
  readonly hours: number;
  /** When the cap comes, hours after the start: from this, for up to so many more. */
  readonly capFromH: number;
  readonly capWithinH: number;
  /** Long enough for the cars that come and change to do so where there is no room to spare. */
  readonly cappedH: number;
  /** Every so many days are busy. */
  readonly busyEvery: number;
}
export const WHOLE_DAY: DaySize = {
  stations: 60,
  hours: 24,
  capFromH: 2,
  capWithinH: 3,
  cappedH: 10,
  busyEvery: 20,
};
/** A third of the stations under a third of the limits: many of these make a thousand. */
export const SHORT_DAY: DaySize = {
  stations: 18,
  hours: 10,
  capFromH: 2,
  capWithinH: 2,
  cappedH: 5,
  busyEvery: 2,
};

export function phasesConfig(size: DaySize): SiteConfig {
  const config = depotConfig();
  const share = size.stations / config.stations.length;
  const nodes = config.nodes.map((node) => ({
    ...node,
    limitA: node.limitA === null ? null : mapPhases((p) => Math.round(share * (node.limitA?.[p] ?? 0))),
  }));
  const stations = config.stations
    .slice(0, size.stations)
    .map((station, i) =>
      isUnknown(i) ? { ...station, connectors: station.connectors.map(unknown) } : station,
    );
  return { ...config, nodes, stations };
}

/** The stations as they are in truth: `depotConfig` knows the wiring that nobody wrote down, but for a turn. */
export function phasesStations(random: Random, size: DaySize): readonly StationSpec[] {
  const offset = Math.floor(random() * WAYS.length);
  return depotConfig()
    .stations.slice(0, size.stations)
    .map(({ id, connectors }, i): StationSpec => {
      const way = isBad(i) ? WAYS[(Math.floor(i / 3) + offset) % WAYS.length] : undefined;
      const turns = isUnknown(i) ? { rotated: { amount: Math.floor(random() * 3) } } : {};
      return {
        id,
        protocol: i % 2 === 0 ? 'ocpp1.6' : 'ocpp2.0.1',
        connectors: connectors.map(({ evseId, phases, maxA }) => ({ evseId, phases, maxA })),
        behaviour: { ...way, ...turns },
      };
    });
}

const CHANGES_SHARE = 0.6;

/**
 * Six cars in ten change their phases while they charge: half of them go down to one, long enough for that
 * to be learned, and up to three again, which is what a link can be over by; the others as it happens.
 */
export function changing(car: CarSpec, random: Random): CarSpec {
  if (!chance(random, CHANGES_SHARE)) return car;
  const change = (fromShare: number, phases: number) => ({
    fromWh: car.energyNeedWh * (fromShare + random() * 0.2),
    phases: phases as CarPhases,
  });
  const any = (): number => 1 + Math.floor(random() * 3);
  const phaseChanges = chance(random, 0.5)
    ? [change(0.05, 1), change(0.4, 3)]
    : [change(0.05, any()), change(0.5, any())];
  return { ...car, phaseChanges };
}
