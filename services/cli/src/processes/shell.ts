// The life of one process of a cluster, whichever it is: settings, log, probes, metrics, traces, the way
// to bus and store, and an orderly end.

import { type Clock, systemClock, type Tracer } from '@ampledger/kernel';
import {
  addSettingsOptions,
  createHealth,
  createMetrics,
  type Health,
  type Log,
  loadSettings,
  MEMORY_DEFINITIONS,
  type MetricDefinition,
  memoryWatch,
  type ProcessMetrics,
  processLog,
  type Running,
  runProcess,
  type Settings,
  type SettingsDefinition,
  startAdmin,
  startTracing,
  type ValuesOf,
} from '@ampledger/process';
import { Command } from 'commander';
import type { End } from '../end.js';
import { CliError, EXIT, type ExitCode, endOf } from '../exit.js';
import { VERSION } from '../version.js';
import type { Backbone, BackboneSettings } from './backbone.js';
import { PROCESS_DEFINITIONS } from './metrics.js';

/** What every process is told of itself. */
export interface CommonSettings extends BackboneSettings {
  readonly instance: string;
  readonly adminHost: string;
  readonly adminPort: number;
  readonly logLevel: string;
  readonly logFormat: 'auto' | 'json' | 'short';
  readonly otlpEndpoint: string | null;
  readonly traceSampling: number;
}

/** What processes tell beside probes and metrics: `/digests` is what `ampledger rebuild` compares with. */
const ADMIN_PATHS = ['digests', 'owned', 'partitions', 'connections'] as const;
type AdminPath = (typeof ADMIN_PATHS)[number];

/** What every process works with. */
export interface Shell<V> {
  readonly name: string;
  readonly settings: V & CommonSettings;
  readonly log: Log;
  readonly clock: Clock;
  readonly metrics: ProcessMetrics;
  readonly tracer: Tracer;
  readonly health: Health;
  /** Opens bus and store. Closed by the shell, after the part that `start` gave. */
  readonly backbone: Backbone;
  /** Answered as JSON on the admin port. To be called while starting. */
  route(path: AdminPath, read: () => unknown): void;
}

export interface ProcessPart {
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

export interface ProcessKind<S extends Settings> {
  readonly definition: SettingsDefinition<S>;
  readonly metrics: readonly MetricDefinition[];
  /** What draining may take. */
  readonly closeMsMax: (settings: ValuesOf<SettingsDefinition<S>>) => number;
  readonly start: (shell: Shell<ValuesOf<SettingsDefinition<S>>>) => Promise<ProcessPart>;
}

const HELP = `
Settings come from flags, then the environment, then the file of --config, then the defaults.
On the admin port: /livez, /readyz, /metrics. SIGTERM and SIGINT drain and end with 0; a second one ends at once.`;

export function processCommand<S extends Settings>(
  kind: () => Promise<ProcessKind<S>>,
  of: SettingsDefinition<S>,
) {
  return (end: End): Command => {
    const command = new Command(of.name).description(of.about);
    addSettingsOptions(command, of);
    return command
      .addHelpText('after', HELP)
      .action(async (flags: Record<string, unknown>) => end(await runKind(await kind(), flags)));
  };
}

async function runKind<S extends Settings>(
  kind: ProcessKind<S>,
  flags: Record<string, unknown>,
): Promise<ExitCode> {
  const loaded = loadSettings(kind.definition, { flags });
  if (!loaded.ok) throw new CliError(EXIT.badInput, loaded.error.join('\n'));
  const { warnings } = loaded.value;
  const values = loaded.value.values as unknown as ValuesOf<SettingsDefinition<S>>;
  const common = values as unknown as CommonSettings;
  const { name } = kind.definition;
  const log = processLog({
    process: name,
    instance: common.instance,
    level: common.logLevel,
    format: common.logFormat,
  });
  for (const warning of warnings) log.warn({}, warning);
  const health = createHealth();
  const code = await runProcess({
    start: () => startAll(kind, values, { common, log, health }),
    log,
    health,
    closeMsMax: kind.closeMsMax(values),
  });
  return code as ExitCode;
}

interface Told {
  readonly common: CommonSettings;
  readonly log: Log;
  readonly health: Health;
}

/** Started in order, closed in the opposite one; what was started is closed when something after it fails. */
async function startAll<S extends Settings>(
  kind: ProcessKind<S>,
  values: ValuesOf<SettingsDefinition<S>>,
  { common, log, health }: Told,
): Promise<Running> {
  const { name } = kind.definition;
  const closing: (() => Promise<void> | void)[] = [];
  const close = async (): Promise<void> => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const metrics = createMetrics({
      definitions: [...PROCESS_DEFINITIONS, ...MEMORY_DEFINITIONS, ...kind.metrics],
    });
    const memory = memoryWatch({ metrics, onHigh: (share) => log.warn({ share }, 'memory runs short') });
    closing.push(() => memory.close());
    health.watch(() => memory.reasons());
    const routes: Partial<Record<AdminPath, () => unknown>> = {};
    const read = (path: AdminPath): unknown => routes[path]?.() ?? null;
    const admin = await startAdmin({
      host: common.adminHost,
      port: common.adminPort,
      live: () => health.live(),
      ready: () => health.ready(),
      metricsText: () => metrics.text(),
      // What a part has nothing to say of is null.
      routes: Object.fromEntries(ADMIN_PATHS.map((path) => [`/${path}`, () => read(path)])),
    });
    closing.push(() => admin.close());
    const tracing = await startTracing({
      serviceName: `ampledger-${name}`,
      instance: common.instance,
      version: VERSION,
      endpoint: common.otlpEndpoint,
      sampling: common.traceSampling,
      onWarning: (message) => log.warn({}, message),
    });
    closing.push(() => tracing.close());
    const { openBackbone } = await import('./backbone.js');
    const backbone = await openBackbone({ name, settings: common, log, metrics, health });
    closing.push(() => backbone.close());
    const part = await kind.start({
      name,
      settings: values as ValuesOf<SettingsDefinition<S>> & CommonSettings,
      log,
      clock: systemClock,
      metrics,
      tracer: tracing.tracer,
      health,
      backbone,
      route: (path, read) => {
        routes[path] = read;
      },
    });
    closing.push(() => part.close());
    log.info({ admin: `http://${common.adminHost}:${admin.port}` }, `${name} is running`);
    return { failed: part.failed, close };
  } catch (error) {
    await close().catch((later: unknown) => log.warn({ err: endOf(later).message }, 'closing failed'));
    throw error;
  }
}
