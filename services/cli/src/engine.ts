// The composition root: which adapter stands behind each port, and in which order the services
// start and end. EngineStarted is folded before ingress takes the first connection.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type Api,
  type ApiToken,
  assertMayListen,
  createApi,
  createMetrics,
  type EngineMetrics,
} from '@ampledger/api';
import { type CommandService, startCommandService } from '@ampledger/command';
import { assetsDirectory } from '@ampledger/console/assets';
import { eventFor, type SiteConfig } from '@ampledger/domain';
import { type EmbeddedLog, openEmbeddedLog } from '@ampledger/embedded-log';
import { createIngress, type Ingress, type Listening, listenIngress } from '@ampledger/ingress';
import { type Clock, type SiteId, systemClock } from '@ampledger/kernel';
import { type Optimizer, startOptimizer } from '@ampledger/optimizer';
import { cannotListen } from '@ampledger/process';
import { findStation, type Projection, startProjection } from '@ampledger/projection';
import { parseSiteFile } from '@ampledger/site-file';
import { certifiedTo } from './certificates.js';
import { configureSites } from './configure-sites.js';
import { fileError } from './history/file-error.js';
import type { Log } from './log.js';
import { LOG_METRIC, METRIC_DEFINITIONS, SOLVE_SECONDS } from './metrics.js';
import { type PageCheck, startPageCheck } from './page-check.js';
import { plannedTo } from './plans.js';
import { pseudonymKey } from './pseudonym-key.js';
import { VERSION } from './version.js';

export interface EngineOptions {
  /** The log, its snapshots and the pseudonym key. Created when it does not exist. */
  readonly directory: string;
  readonly sites: readonly SiteConfig[];
  /** Where the API listens; stations too, unless `ocppHost` says otherwise. */
  readonly host: string;
  readonly ocppHost?: string;
  /** 0: any free port. */
  readonly ocppPort: number;
  readonly apiPort: number;
  /** null: the API asks for none and listens on loopback only. */
  readonly tokens: readonly ApiToken[] | null;
  readonly log: Log;
  readonly clock?: Clock;
}

export interface Engine {
  readonly ocppUrl: string;
  readonly apiUrl: string;
  readonly siteIds: readonly SiteId[];
  /** Rejects when a part fails for good: the process should end, and be started again. */
  readonly failed: Promise<never>;
  /** Takes over what these sites say anew; returns those that changed. Throws a CliError for a conflict. */
  configure(sites: readonly SiteConfig[]): Promise<readonly SiteId[]>;
  /** Ends everything in order, with a snapshot; well under two seconds. */
  close(): Promise<void>;
}

interface Core {
  readonly log: EmbeddedLog;
  readonly pageCheck: PageCheck;
  readonly projection: Projection;
  readonly metrics: EngineMetrics;
  readonly clock: Clock;
  /** EngineStarted of every site is at or before it. */
  readonly startedAt: number;
}

interface ApiDoor {
  readonly api: Api;
  readonly port: number;
}

interface Services {
  readonly optimizer: Optimizer;
  readonly command: CommandService;
  readonly ingress: Ingress;
  readonly stationDoor: Listening;
  readonly apiDoor: ApiDoor;
}

export async function startEngine(options: EngineOptions): Promise<Engine> {
  assertMayListen(options.host, options.tokens);
  const { log } = options;
  const directory = resolve(options.directory);
  const onWarning = (message: string): void => log.warn({}, message);
  const embedded = await openEmbeddedLog({ directory, onWarning }).catch((error: unknown) => {
    throw fileError(directory, error);
  });
  try {
    const core = await startCore(options, embedded);
    const services = await startServices(options, core);
    return running(options, core, services);
  } catch (error) {
    await embedded.close();
    throw error;
  }
}

async function startCore(options: EngineOptions, log: EmbeddedLog): Promise<Core> {
  const clock = options.clock ?? systemClock;
  const pageCheck = await startPageCheck(log, clock);
  const projection = await startProjection({
    ...log,
    onSnapshotFailed: (error) => options.log.warn({ err: String(error) }, 'A snapshot could not be kept'),
  });
  await configureSites({ bus: log.bus, projection, clock, newId: randomUUID }, options.sites);
  const startedAt = await recordStart(log, projection, clock);
  const metrics = createMetrics({ definitions: METRIC_DEFINITIONS });
  metrics.watch({ projection, clock });
  return { log, pageCheck, projection, metrics, clock, startedAt };
}

/** Whatever connections there were are gone: folded before anybody decides or connects. */
async function recordStart(
  { bus, store }: EmbeddedLog,
  projection: Projection,
  clock: Clock,
): Promise<number> {
  const engine = randomUUID();
  const events = projection.siteIds().map((site) =>
    eventFor({
      event: { type: 'EngineStarted', data: { site, engine, version: VERSION } },
      site,
      receivedAt: clock.now(),
      idParts: [engine],
    }),
  );
  if (events.length > 0) await bus.publish(events);
  const position = await store.lastPosition();
  await projection.reached(position);
  return position;
}

async function startServices(options: EngineOptions, core: Core): Promise<Services> {
  const { clock, projection, metrics, startedAt } = core;
  const { bus } = core.log;
  const optimizer = startOptimizer({
    bus,
    projection,
    clock,
    onSolved: (site, solveMs) => metrics.observe(SOLVE_SECONDS, solveMs / 1000, { site }),
    onCertified: certifiedTo(metrics, options.log),
    onPlanned: plannedTo(metrics, options.log),
  });
  const command = startCommandService({ bus, projection, clock });
  const ingress = createIngress({
    bus,
    directory: { find: (station) => findStation(projection, station) },
    clock,
    pseudonymKey: pseudonymKey(options.directory),
    log: options.log,
    metrics,
    options: { startAfter: startedAt },
  });
  const parts = { optimizer, command, ingress };
  try {
    const stationDoor = await listenForStations(options, ingress);
    const apiDoor = await listenApi(options, core).catch(async (error: unknown) => {
      await stationDoor.close();
      throw error;
    });
    return { ...parts, stationDoor, apiDoor };
  } catch (error) {
    await Promise.all([optimizer.close(), command.close(), ingress.close()]);
    await projection.close();
    throw error;
  }
}

const listenForStations = (
  { host, ocppHost = host, ocppPort }: EngineOptions,
  ingress: Ingress,
): Promise<Listening> =>
  listenIngress({ ingress, host: ocppHost, port: ocppPort }).catch((error: unknown) => {
    throw cannotListen(error, { what: 'stations', host: ocppHost, port: ocppPort, option: '--ocpp-port' });
  });

async function listenApi(options: EngineOptions, core: Core): Promise<ApiDoor> {
  const { log, projection, metrics, clock } = core;
  const { bus, store } = log;
  const { tokens, host, apiPort: port } = options;
  const hasPage = existsSync(join(assetsDirectory, 'index.html'));
  const api = await createApi({
    bus,
    store,
    projection,
    clock,
    parseSite: parseSiteFile,
    tokens,
    metrics,
    metricsText: () => {
      const { lastPosition, commits, queuedEvents } = log.stats();
      metrics.gauge(LOG_METRIC.lastPosition, lastPosition);
      metrics.gauge(LOG_METRIC.commits, commits);
      metrics.gauge(LOG_METRIC.queuedEvents, queuedEvents);
      return metrics.text();
    },
    ready: () => readiness(log, projection),
    log: options.log,
    ...(hasPage ? { assetsDirectory } : {}),
  });
  try {
    const listening = await api.listen({ host, port });
    return { api, port: listening.port };
  } catch (error) {
    await api.close();
    throw cannotListen(error, { what: 'the API', host, port, option: '--port' });
  }
}

/** Events that may wait to be written before the engine says that it does not keep up. */
const QUEUED_EVENTS_READY_MAX = 50_000;

function readiness(log: EmbeddedLog, projection: Projection): { ready: boolean; reasons: readonly string[] } {
  const { queuedEvents, lastPosition } = log.stats();
  const reasons = [
    ...(queuedEvents > QUEUED_EVENTS_READY_MAX ? [`${queuedEvents} events wait to be written`] : []),
    ...(lastPosition - projection.position > QUEUED_EVENTS_READY_MAX
      ? ['the state lags behind the log']
      : []),
  ];
  return { ready: reasons.length === 0, reasons };
}

function running(options: EngineOptions, core: Core, services: Services): Engine {
  const { projection, log, clock } = core;
  const { optimizer, command, ingress, apiDoor, stationDoor } = services;
  const failed = Promise.race([
    core.pageCheck.failed,
    projection.failed,
    optimizer.failed,
    command.failed,
    ingress.failed,
  ]);
  failed.catch(() => undefined);
  let closing: Promise<void> | undefined;
  return {
    ocppUrl: `ws://${urlHost(options.ocppHost ?? options.host)}:${stationDoor.port}/ocpp`,
    apiUrl: `http://${urlHost(options.host)}:${apiDoor.port}`,
    siteIds: projection.siteIds(),
    failed,
    configure: (sites) => configureSites({ bus: log.bus, projection, clock, newId: randomUUID }, sites),
    close() {
      closing ??= shutDown(core, services);
      return closing;
    },
  };
}

const urlHost = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Doors and deciders first, together; then what they wrote is folded, kept as a snapshot, and the log ends. */
async function shutDown({ projection, log, pageCheck }: Core, services: Services): Promise<void> {
  pageCheck.close();
  const { optimizer, command, ingress, stationDoor, apiDoor } = services;
  const stations = ingress.close().then(() => stationDoor.close());
  await Promise.all([apiDoor.api.close(), stations, command.close(), optimizer.close()]);
  await Promise.race([projection.reached(await log.store.lastPosition()), projection.failed]);
  await projection.snapshot();
  await projection.close();
  await log.close();
}
