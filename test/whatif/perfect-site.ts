// A log of perfect stations, made by the real services and the real simulator on a virtual clock: what a
// replay of its sessions must come close to.

import { DEFAULT_NODE, type SiteConfig } from '@ampledger/domain';
import { openEmbeddedLog } from '@ampledger/embedded-log';
import { nodeId, type PerPhase } from '@ampledger/kernel';
import type { RecordedEvent } from '@ampledger/ports';
import type { ArrivalProfile } from '@ampledger/simulator';
import { depotConfig } from '../simulation/depot.js';
import { createWorld } from '../simulation/world.js';

export interface PerfectOptions {
  readonly seed: number;
  readonly stations: number;
  readonly limitA: number;
  readonly hours: number;
  readonly meterIntervalS: number;
  readonly arrivals: ArrivalProfile;
}

const STEP_MS = 600_000;
const MAX_A = 32;

/** The site: as many of the depot's connectors behind one grid connection, all of them alike. */
export function perfectSite({ stations, limitA }: Pick<PerfectOptions, 'stations' | 'limitA'>): SiteConfig {
  const depot = depotConfig();
  const even: PerPhase = [limitA, limitA, limitA];
  return {
    ...depot,
    nodes: [
      {
        ...DEFAULT_NODE,
        ...{ id: nodeId('grid'), parent: null, limitA: even, limitW: null, reserveA: 0 },
        unmanaged: { kind: 'none' },
      },
    ],
    stations: depot.stations.slice(0, stations).map((station) => ({
      ...station,
      node: nodeId('grid'),
      connectors: station.connectors.map((connector) => ({ ...connector, maxA: MAX_A })),
    })),
  };
}

/** The events of so many hours there. */
export async function perfectLog(options: PerfectOptions): Promise<readonly RecordedEvent[]> {
  const config = perfectSite(options);
  const { seed, meterIntervalS, arrivals } = options;
  const stations = config.stations.map(({ id, connectors }, i) => ({
    id,
    protocol: i % 2 === 0 ? ('ocpp1.6' as const) : ('ocpp2.0.1' as const),
    connectors: connectors.map(({ evseId, phases, maxA }) => ({ evseId, phases, maxA })),
  }));
  const world = await createWorld({ seed, config, stations, meterIntervalS, arrivals });
  const until = world.startedAt + options.hours * 3_600_000;
  while (world.clock.now() < until) await world.clock.runUntil(Math.min(until, world.clock.now() + STEP_MS));
  await world.close();
  const events: RecordedEvent[] = [];
  for await (const page of world.log.store.readAll()) events.push(...page);
  return events;
}

/** Writes them into a data directory, as an engine leaves it. */
export async function writeLog(directory: string, events: readonly RecordedEvent[]): Promise<void> {
  const log = await openEmbeddedLog({ directory, onWarning: () => undefined });
  try {
    for (let i = 0; i < events.length; i += 1_000) await log.bus.publish(events.slice(i, i + 1_000));
  } finally {
    await log.close();
  }
}
