// An API over a log in memory and a real projection, for the tests beside the routes.

import {
  DEFAULT_CONNECTOR,
  DEFAULT_CONTROL,
  DEFAULT_NODE,
  DEFAULT_SITE,
  type DomainEvent,
  eventFor,
  type PlanConfig,
  type SiteConfig,
  siteConfigSchema,
} from '@ampledger/domain';
import { type SiteId, siteId, VirtualClock } from '@ampledger/kernel';
import { createMemoryLog, type MemoryLog } from '@ampledger/memory-log';
import { type Projection, startProjection } from '@ampledger/projection';
import { parseSiteFile } from '@ampledger/site-file';
import { type Api, CLOSE_GRACE_MS, createApi } from './create-api.js';
import type { ApiDeps } from './deps.js';
import { createMetrics, type EngineMetrics } from './metrics/metrics.js';

export const START = Date.parse('2026-03-01T12:00:00Z');
export const GARAGE = siteId('garage');

/** Two stations below a feeder with a metered load. */
export const garageConfig = (name = 'Garage'): SiteConfig =>
  siteConfigSchema.parse({
    ...DEFAULT_SITE,
    id: 'garage',
    name,
    timeZone: 'Europe/Berlin',
    voltageV: 230,
    nodes: [
      {
        ...DEFAULT_NODE,
        id: 'main',
        parent: null,
        limitA: [63, 63, 63],
        limitW: null,
        reserveA: 0,
        unmanaged: { kind: 'none' },
      },
      {
        ...DEFAULT_NODE,
        id: 'house',
        parent: 'main',
        limitA: [40, 40, 40],
        limitW: null,
        reserveA: 0,
        unmanaged: { kind: 'metered', maxA: [20, 20, 20], staleAfterS: 120 },
      },
    ],
    stations: ['CP1', 'CP2'].map((id) => ({
      id,
      node: 'house',
      passwordHash: id === 'CP1' ? 'scrypt$16384$8$1$c2FsdA==$aGFzaA==' : null,
      connectors: [
        {
          ...DEFAULT_CONNECTOR,
          evseId: 1,
          phases: [0, 1, 2],
          wiredPhases: 3,
          minA: 6,
          maxA: 32,
          priority: 0,
          weight: 1,
          fallbackA: 0,
          idleA: 0,
        },
      ],
    })),
    control: DEFAULT_CONTROL,
  });

/** A plan that asks for nothing in particular. */
export const PLAN: PlanConfig = {
  ...{ periodS: 900, horizonS: 7200, deadlineMs: 2000, currency: 'EUR' },
  ...{ importPerKwh: 0.3, exportPerKwh: 0, tariff: [], demandPerKw: 0, co2PerKg: 0 },
  ...{ battery: null, pv: null, randomDelayS: 0 },
};

export interface Bench {
  readonly api: Api;
  readonly log: MemoryLog;
  readonly projection: Projection;
  readonly clock: VirtualClock;
  readonly metrics: EngineMetrics;
  readonly logged: { readonly level: string; readonly fields: object; readonly message: string }[];
  /** Publishes as another service would, and waits until it is folded. */
  say(event: DomainEvent, site?: SiteId): Promise<number>;
  close(): Promise<void>;
}

/** With the garage configured; on a clock that stands at START. */
export async function startBench(changes: Partial<ApiDeps> = {}): Promise<Bench> {
  const clock = new VirtualClock(START);
  const log = createMemoryLog();
  const projection = await startProjection(log);
  const metrics = createMetrics({ process: false });
  metrics.watch({ projection, clock });
  const logged: Bench['logged'] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void logged.push({ level, fields, message });
  const api = await createApi({
    bus: log.bus,
    store: log.store,
    projection,
    clock,
    parseSite: parseSiteFile,
    tokens: null,
    metricsText: () => metrics.text(),
    ready: () => ({ ready: true, reasons: [] }),
    log: { info: write('info'), warn: write('warn'), error: write('error') },
    metrics,
    ...changes,
  });
  let said = 0;
  const say: Bench['say'] = async (event, site = GARAGE) => {
    const outgoing = eventFor({ event, site, receivedAt: clock.now(), idParts: ['test', said++] });
    const [published] = await log.bus.publish([outgoing]);
    const position = published?.position ?? 0;
    await projection.reached(position);
    return position;
  };
  await say({ type: 'SiteConfigured', data: { site: garageConfig(), origin: 'file' } });
  const close = async () => {
    const closing = api.close();
    // A connection that never sent a request is not idle to Node: it ends with the grace.
    await clock.advance(CLOSE_GRACE_MS);
    await closing;
    await projection.close();
    await log.close();
  };
  return { api, log, projection, clock, metrics, logged, say, close };
}

/** The station comes online, speaking OCPP 1.6. */
export const connected = (station: string): DomainEvent =>
  ({
    type: 'StationConnected',
    data: { station, connection: `${station}-1`, protocol: 'ocpp1.6', remote: '192.0.2.1' },
  }) as DomainEvent;
