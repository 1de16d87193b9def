// Ingress as a process: follows what it must know of every partition, and takes stations' connections.

import { createIngress, listenIngress, METRIC_DEFINITIONS } from '@ampledger/ingress';
import { ingressSettings } from '@ampledger/process';
import type { Projection } from '@ampledger/projection';
import { type AllPartitions, allPartitions } from './all-partitions.js';
import { followPartition } from './follow.js';
import type { ProcessKind, ProcessPart, Shell } from './shell.js';

/**
 * What tells whose a station is, what runs at it, whom to believe, and what to send; and what makes an end
 * of that: an OCPP 1.6 connector without a car ends its session, an answer takes its call out of the state.
 */
export const FOLLOWED = [
  'SiteConfigured',
  'SiteRemoved',
  'OwnerClaimed',
  'SessionStarted',
  'SessionUpdated',
  'SessionEnded',
  'StationConnected',
  'ConnectorStatusChanged',
  'CallRequested',
  'CallAnswered',
] as const;
/** Partitions that are restored at a time. */
const RESTORED_AT_ONCE = 4;

export const ingressProcess: ProcessKind<typeof ingressSettings.settings> = {
  definition: ingressSettings,
  metrics: METRIC_DEFINITIONS,
  closeMsMax: ({ drainTimeout }) => drainTimeout,
  start: startIngressProcess,
};

type IngressShell = Parameters<typeof ingressProcess.start>[0];

async function startIngressProcess(shell: IngressShell): Promise<ProcessPart> {
  const { clock, log, metrics, settings, tracer } = shell;
  const partitions = allPartitions(shell.backbone.bus, await followAll(shell));
  const ingress = createIngress({
    bus: partitions.bus,
    directory: {
      find: (station) => partitions.find(station),
      commandEpoch: (site) => partitions.state(site)?.owners.command?.epoch ?? 0,
    },
    clock,
    pseudonymKey: settings.pseudonymKey,
    log,
    metrics,
    tracer,
    options: { instance: settings.instance, answerUnconnected: false, startAfter: 0 },
  });
  const door = await listenIngress({ ingress, host: settings.host, port: settings.ocppPort });
  shell.route('connections', () => ({ connected: ingress.connectionCount(), port: door.port }));
  log.info({ stations: `ws://${settings.host}:${door.port}/ocpp` }, 'stations may connect');
  return {
    failed: Promise.race([ingress.failed, partitions.failed]),
    close: () => closeIngress(ingress, door, partitions),
  };
}

/** Ends the connections, with their ends on record; then what told about the sites. */
async function closeIngress(
  ingress: { close(): Promise<void> },
  door: { close(): Promise<void> },
  partitions: AllPartitions,
): Promise<void> {
  await ingress.close();
  await door.close();
  await partitions.close();
}

async function followAll(shell: Shell<object>): Promise<readonly Projection[]> {
  const followed: Projection[] = [];
  const waiting = Array.from({ length: shell.backbone.bus.partitions }, (_, partition) => partition);
  const worker = async (): Promise<void> => {
    for (let partition = waiting.shift(); partition !== undefined; partition = waiting.shift()) {
      followed[partition] = await followPartition(shell, partition, FOLLOWED);
    }
  };
  await Promise.all(Array.from({ length: RESTORED_AT_ONCE }, worker));
  return followed;
}
