// Where a history comes from: a log, whole and in its order.

import type { RecordedEvent } from '@ampledger/ports';
import { openLog } from '../open-log.js';
import { clusterSettings, openClusterSource } from './cluster.js';

export interface HistorySource {
  /** Every event of the log; in the order of each site, and of the log where it has one order. */
  pages(): AsyncIterable<readonly RecordedEvent[]>;
  /** For telling how far reading is. */
  lastPosition(): Promise<number>;
  close(): Promise<void>;
}

export interface HistorySourceOptions {
  /** The data directory of an engine that does not run; without it, a cluster's settings are asked for. */
  readonly data?: string;
  readonly [setting: string]: unknown;
}

const WHILE_RUNNING = 'Export after the engine has ended, or from a copy of the directory.';

export async function openSource({ data, ...flags }: HistorySourceOptions): Promise<HistorySource> {
  if (data === undefined) return openClusterSource(clusterSettings(flags));
  const log = await openLog(data, WHILE_RUNNING);
  return {
    pages: () => log.store.readAll(),
    lastPosition: () => log.store.lastPosition(),
    close: () => log.close(),
  };
}
