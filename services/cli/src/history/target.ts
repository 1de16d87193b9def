// Where a history goes: a log that may hold a part of it already.

import { openEmbeddedLog } from '@ampledger/embedded-log';
import { type NewEvent, PortError, type Published, type RecordedEvent } from '@ampledger/ports';
import { CliError, EXIT } from '../exit.js';
import { clusterSettings, openClusterTarget } from './cluster.js';
import { fileError } from './file-error.js';

export interface HistoryTarget {
  /** What the log holds now, in the order of each site. */
  existing(): AsyncIterable<readonly RecordedEvent[]>;
  /** As `Bus.publish`. */
  publish(events: readonly NewEvent[]): Promise<readonly Published[]>;
  close(): Promise<void>;
}

export interface HistoryTargetOptions {
  /** A data directory that no engine runs on, made when there is none; without it, a cluster's settings are asked for. */
  readonly data?: string;
  readonly [setting: string]: unknown;
}

export async function openTarget({ data, ...flags }: HistoryTargetOptions): Promise<HistoryTarget> {
  if (data === undefined) return openClusterTarget(clusterSettings(flags));
  const onWarning = (message: string): void => void process.stderr.write(`warning: ${message}\n`);
  const log = await openEmbeddedLog({ directory: data, onWarning }).catch((error: unknown) => {
    if (!(error instanceof PortError && error.code === 'UNAVAILABLE')) throw fileError(data, error);
    throw new CliError(EXIT.cannotStart, `${error.message}\nImport after the engine has ended.`, error);
  });
  return {
    existing: () => log.store.readAll(),
    publish: (events) => log.bus.publish(events),
    close: () => log.close(),
  };
}
