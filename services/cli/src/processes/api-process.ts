// The API as a process, on its own copy of the log.

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { assertMayListen, createApi } from '@ampledger/api';
import { assetsDirectory } from '@ampledger/console/assets';
import { type EmbeddedLog, openEmbeddedLog } from '@ampledger/embedded-log';
import { apiSettings, cannotListen } from '@ampledger/process';
import { type Projection, startProjection } from '@ampledger/projection';
import { parseSiteFile } from '@ampledger/site-file';
import { configureSites } from '../configure-sites.js';
import { METRIC_DEFINITIONS as ENGINE_DEFINITIONS } from '../metrics.js';
import { sitesOrExit } from '../site-files.js';
import { tokensOrExit } from '../tokens-file.js';
import { insist } from './backbone.js';
import { type LogCopy, startCopy } from './copy.js';
import { digestsOf } from './digests.js';
import { PROCESS_METRIC } from './metrics.js';
import type { ProcessKind, ProcessPart } from './shell.js';

const CLOSE_MS_MAX = 8_000;
const LAG_LOOK_MS = 5_000;
const LAG_READY_MAX = 50_000;

export const apiProcess: ProcessKind<typeof apiSettings.settings> = {
  definition: apiSettings,
  metrics: [],
  closeMsMax: () => CLOSE_MS_MAX,
  start: startApiProcess,
};

type ApiShell = Parameters<typeof apiProcess.start>[0];

async function startApiProcess(shell: ApiShell): Promise<ProcessPart> {
  const { log, settings } = shell;
  const tokens = tokensOrExit(settings.tokens ?? undefined);
  assertMayListen(settings.host, tokens);
  const directory = resolve(settings.data);
  const embedded = await openEmbeddedLog({ directory, onWarning: (message) => log.warn({}, message) });
  const closing: (() => Promise<void>)[] = [() => embedded.close()];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const copy = await startCopyOf(shell, embedded, directory);
    closing.push(() => copy.close());
    const projection = await startProjection({ ...embedded });
    closing.push(async () => {
      await projection.snapshot();
      await projection.close();
    });
    const sites = sitesOrExit(settings.sites ?? []);
    await configureSites({ bus: copy.bus, projection, clock: shell.clock, newId: randomUUID }, sites);
    const watched = watchLag(shell, copy);
    closing.push(async () => watched.close());
    closing.push(await openDoor(shell, { embedded, copy, projection, tokens }));
    shell.route('digests', () => digestsOf([projection]));
    return { failed: Promise.race([copy.failed, projection.failed]), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startCopyOf(shell: ApiShell, embedded: EmbeddedLog, directory: string): Promise<LogCopy> {
  const { backbone, clock, log } = shell;
  const start = () =>
    startCopy({
      shared: backbone.bus,
      store: backbone.store,
      copy: embedded,
      directory,
      clock,
      onProgress: (progress) => log.info(progress, 'copying from the event store'),
    });
  return insist('the shared log', log, start);
}

/** How far the copy is behind, looked at now and then. */
function watchLag({ clock, health, log, metrics }: ApiShell, copy: LogCopy): { close(): void } {
  let lag = 0;
  let isClosed = false;
  let timer = clock.after(0, () => undefined);
  const look = async (): Promise<void> => {
    try {
      lag = await copy.lag();
      metrics.gauge(PROCESS_METRIC.copyLag, lag);
    } catch (error) {
      log.warn({ err: error }, 'the lag of the copy is not known');
    }
    if (!isClosed) timer = clock.after(LAG_LOOK_MS, () => void look());
  };
  void look();
  health.watch(() => (lag > LAG_READY_MAX ? [`the copy of the log is ${lag} events behind`] : []));
  return {
    close() {
      isClosed = true;
      timer.cancel();
    },
  };
}

interface Parts {
  readonly embedded: EmbeddedLog;
  readonly copy: LogCopy;
  readonly projection: Projection;
  readonly tokens: ReturnType<typeof tokensOrExit>;
}

async function openDoor(shell: ApiShell, parts: Parts): Promise<() => Promise<void>> {
  const { clock, health, log, settings } = shell;
  const { embedded, copy, projection, tokens } = parts;
  const { createMetrics } = await import('@ampledger/api');
  // What the API tells of the sites; what the process measures of itself is on the admin port.
  const metrics = createMetrics({ definitions: ENGINE_DEFINITIONS });
  metrics.watch({ projection, clock });
  const hasPage = existsSync(join(assetsDirectory, 'index.html'));
  const api = await createApi({
    bus: copy.bus,
    store: embedded.store,
    projection,
    clock,
    parseSite: parseSiteFile,
    tokens,
    metrics,
    metricsText: () => metrics.text(),
    ready: () => health.ready(),
    log,
    ...(hasPage ? { assetsDirectory } : {}),
  });
  const { host, port } = settings;
  try {
    const listening = await api.listen({ host, port });
    log.info({ api: `http://${host}:${listening.port}` }, 'the API is served');
  } catch (error) {
    await api.close();
    throw cannotListen(error, { what: 'the API', host, port, option: '--port' });
  }
  return () => api.close();
}
