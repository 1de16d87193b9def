// The optimizer and the command service as processes: each decides for the partitions that it owns.

import { startCommandService } from '@ampledger/command';
import type { Role } from '@ampledger/domain';
import { startOptimizer } from '@ampledger/optimizer';
import { commandSettings, optimizerSettings } from '@ampledger/process';
import { certifiedTo } from '../certificates.js';
import { SOLVE_SECONDS } from '../metrics.js';
import { plannedTo } from '../plans.js';
import { digestsOf } from './digests.js';
import { followPartition } from './follow.js';
import { PROCESS_METRIC } from './metrics.js';
import { type DeciderDeps, type OwnerDeps, startOwner } from './owner.js';
import type { ProcessKind, ProcessPart, Shell } from './shell.js';

const CLOSE_MS_MAX = 8_000;

async function startDeciding(
  role: Role,
  shell: Shell<object>,
  decide: OwnerDeps['decide'],
): Promise<ProcessPart> {
  const { backbone, clock, health, log, metrics, settings } = shell;
  const owner = await startOwner({
    role,
    instance: settings.instance,
    clock,
    log,
    partition: (partition) => backbone.bus.partition(partition),
    join: (listener) =>
      backbone.join({ group: `${settings.kafkaTopic}.${role}`, instance: settings.instance }, listener),
    follow: (partition) => followPartition(shell, partition),
    decide,
    onOwned: (partitions) => metrics.gauge(PROCESS_METRIC.partitionsOwned, partitions, { role }),
    onClaimed: () => metrics.count(PROCESS_METRIC.claims, { role }),
  });
  health.watch(() => {
    const { preparing } = owner.counts();
    return preparing > 0 ? [`${preparing} partitions are being restored`] : [];
  });
  shell.route('digests', () => digestsOf(owner.projections().values()));
  shell.route('owned', () => ({ role, ...owner.counts(), partitions: [...owner.projections().keys()] }));
  return owner;
}

export const optimizerProcess: ProcessKind<typeof optimizerSettings.settings> = {
  definition: optimizerSettings,
  metrics: [],
  closeMsMax: () => CLOSE_MS_MAX,
  start: (shell) =>
    startDeciding('optimizer', shell, ({ bus, projection, claims }: DeciderDeps) =>
      startOptimizer({
        bus,
        projection,
        claims,
        clock: shell.clock,
        tracer: shell.tracer,
        tickMs: shell.settings.tickMs,
        onSolved: (site, solveMs) => shell.metrics.observe(SOLVE_SECONDS, solveMs / 1000, { site }),
        onCertified: certifiedTo(shell.metrics, shell.log),
        onPlanned: plannedTo(shell.metrics, shell.log),
      }),
    ),
};

export const commandProcess: ProcessKind<typeof commandSettings.settings> = {
  definition: commandSettings,
  metrics: [],
  closeMsMax: () => CLOSE_MS_MAX,
  start: (shell) =>
    startDeciding('command', shell, ({ bus, projection, claims }: DeciderDeps) =>
      startCommandService({ bus, projection, claims, clock: shell.clock, tracer: shell.tracer }),
    ),
};
