// The names of everything that the recorder measures, for whoever registers them. Labels take values
// from closed lists only.

import type { Metrics } from './contract.js';

export const METRIC = {
  lagEvents: 'ampledger_recorder_lag_events',
  lagSeconds: 'ampledger_recorder_lag_seconds',
  recorded: 'ampledger_recorder_recorded_total',
  duplicates: 'ampledger_recorder_duplicates_total',
  deadLetters: 'ampledger_recorder_dead_letters_total',
  appendSeconds: 'ampledger_recorder_append_seconds',
  batchEvents: 'ampledger_recorder_batch_events',
  retries: 'ampledger_recorder_retries_total',
  takeovers: 'ampledger_recorder_takeovers_total',
  superseded: 'ampledger_recorder_superseded_total',
  lost: 'ampledger_recorder_lost_events_total',
  snapshotAge: 'ampledger_recorder_snapshot_age_seconds',
  snapshotFailures: 'ampledger_recorder_snapshot_failures_total',
} as const;

export interface MetricDefinition {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

const define = (
  name: string,
  kind: MetricDefinition['kind'],
  help: string,
  ...labels: string[]
): MetricDefinition => ({ name, kind, help, labels });

export const METRIC_DEFINITIONS: readonly MetricDefinition[] = [
  define(METRIC.lagEvents, 'gauge', 'Offsets of the bus that are not recorded yet', 'partition'),
  define(
    METRIC.lagSeconds,
    'gauge',
    'Age of the oldest event in hand that is not recorded yet, or of the try to take the partition over',
    'partition',
  ),
  define(METRIC.recorded, 'counter', 'Events recorded'),
  define(METRIC.duplicates, 'counter', 'Events that were in the store already', 'reason'),
  define(METRIC.deadLetters, 'counter', 'Events that the store refused for good', 'reason'),
  define(METRIC.appendSeconds, 'histogram', 'Time to write a batch, with its marker'),
  define(METRIC.batchEvents, 'histogram', 'Events in a batch'),
  define(METRIC.retries, 'counter', 'Calls of the store that are tried again', 'code'),
  define(METRIC.takeovers, 'counter', 'Partitions taken over'),
  define(METRIC.superseded, 'counter', 'Times that somebody else took a partition over from us'),
  define(METRIC.lost, 'counter', 'Offsets that the bus forgot before they were recorded'),
  define(METRIC.snapshotAge, 'gauge', 'Age of the newest snapshots', 'partition'),
  define(METRIC.snapshotFailures, 'counter', 'Rounds of snapshots that could not be kept'),
];

export const NO_METRICS: Metrics = { count: () => {}, add: () => {}, observe: () => {}, gauge: () => {} };
