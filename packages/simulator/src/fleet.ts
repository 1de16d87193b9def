// Many stations at once, each with its own seeded randomness.

import { addPhases, type PerPhase, ZERO } from '@ampledger/kernel';
import type { Behaviour } from './behaviour.js';
import type { Cabinet } from './cabinet.js';
import type { EvseSpec } from './evse.js';
import type { Dial } from './link.js';
import type { ProfileLimits } from './profile.js';
import type { Protocol } from './profile-rules.js';
import { createRandom } from './random.js';
import { createSimulatedStation } from './station.js';
import type { SimulatedStation, StationEvent, StationOptions } from './station-options.js';

export interface StationSpec {
  readonly id: string;
  readonly protocol: Protocol;
  readonly connectors: readonly EvseSpec[];
  readonly behaviour?: Behaviour;
  readonly cabinet?: Cabinet;
  /** Where they differ from the fleet's. */
  readonly dial?: Dial;
  readonly voltageV?: number;
  readonly profileLimits?: Partial<ProfileLimits>;
}

export interface FleetOptions
  extends Pick<
    StationOptions,
    'voltageV' | 'clock' | 'dial' | 'meterIntervalS' | 'clockAlignedIntervalS' | 'speed' | 'log'
  > {
  readonly seed: number | string;
  readonly stations: readonly StationSpec[];
  /** Stations power up one after the other within this time; default 0: all at once. */
  readonly startWithinMs?: number;
}

export interface Fleet {
  readonly stations: readonly SimulatedStation[];
  station(id: string): SimulatedStation | undefined;
  /** Sum of all draws on the grid's phases, now. */
  drawA(): PerPhase;
  subscribe(listener: (event: StationEvent) => void): () => void;
  close(): void;
}

export function createFleet({ seed, stations: specs, startWithinMs = 0, ...common }: FleetOptions): Fleet {
  const stations = specs.map((spec) => {
    const random = createRandom(`${seed}/${spec.id}`);
    return createSimulatedStation({ ...common, ...spec, random, startAfterMs: random() * startWithinMs });
  });
  const byId = new Map(stations.map((station) => [station.id, station]));
  return {
    stations,
    station: (id) => byId.get(id),
    drawA: () =>
      stations.reduce(
        (sum, station) =>
          station.evseIds.reduce((part, evseId) => addPhases(part, station.drawA(evseId)), sum),
        ZERO,
      ),
    subscribe: (listener) => {
      const ends = stations.map((station) => station.subscribe(listener));
      return () => {
        for (const end of ends) end();
      };
    },
    close: () => {
      for (const station of stations) station.close();
    },
  };
}
