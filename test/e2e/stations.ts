// Simulated stations for the end-to-end tests: real sockets, real time, quick to come back.

import { systemClock } from '@ampledger/kernel';
import {
  createRandom,
  createSimulatedStation,
  type Protocol,
  type SimulatedStation,
  type StationOptions,
  webSocketDial,
} from '@ampledger/simulator';

export interface TestStation {
  readonly id: string;
  readonly protocol: Protocol;
}

export interface StationSettings {
  readonly ocppUrl: string;
  readonly seed: number | string;
  readonly speed?: number;
  readonly meterIntervalS?: number;
  readonly onFrame?: NonNullable<StationOptions['log']>;
}

/** Three phases, 32 A, one outlet each. */
export const createStations = (
  stations: readonly TestStation[],
  { ocppUrl, seed, speed = 1, meterIntervalS = 1, onFrame }: StationSettings,
): readonly SimulatedStation[] =>
  stations.map(({ id, protocol }) =>
    createSimulatedStation({
      id,
      protocol,
      connectors: [{ evseId: 1, phases: [0, 1, 2], maxA: 32 }],
      voltageV: 230,
      clock: systemClock,
      random: createRandom(`${seed}/${id}`),
      dial: webSocketDial({ url: ocppUrl }),
      meterIntervalS,
      speed,
      backOff: { minS: 0.05, rangeS: 0.1, repeats: 0 },
      ...(onFrame === undefined ? {} : { log: onFrame }),
    }),
  );

/** A site of so many such stations behind one limit. */
export const siteFile = (limitA: number, stations: readonly TestStation[]): string => `
id: yard
timeZone: Europe/Berlin
grid:
  id: main
  limit: ${limitA} A
  stations:
${stations.map(({ id }) => `    - id: ${id}`).join('\n')}
control:
  raiseInterval: 0 s
  minDwell: 0 s
  unseen: absent
`;

export const testStations = (count: number): readonly TestStation[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `CP${index + 1}`,
    protocol: index % 2 === 0 ? 'ocpp1.6' : 'ocpp2.0.1',
  }));
