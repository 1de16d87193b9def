// The names of everything that ingress measures, for whoever registers them. Labels take values
// from closed lists only, so that no peer can make the set of series grow.

import type { Metrics } from './contract.js';

export const METRIC = {
  connections: 'ampledger_ingress_connections',
  connects: 'ampledger_ingress_connects_total',
  refusals: 'ampledger_ingress_refusals_total',
  messages: 'ampledger_ingress_messages_total',
  answerSeconds: 'ampledger_ingress_answer_seconds',
  badFrames: 'ampledger_ingress_bad_frames_total',
  queued: 'ampledger_ingress_queued_calls',
  pauses: 'ampledger_ingress_pauses_total',
  calls: 'ampledger_ingress_station_calls_total',
  callSeconds: 'ampledger_ingress_station_call_seconds',
  strayAnswers: 'ampledger_ingress_stray_answers_total',
  securityEvents: 'ampledger_ingress_security_events_total',
  publishFailures: 'ampledger_ingress_publish_failures_total',
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
  define(METRIC.connections, 'gauge', 'Stations connected now'),
  define(METRIC.connects, 'counter', 'Connections taken', 'protocol'),
  define(METRIC.refusals, 'counter', 'Connections refused', 'reason'),
  define(METRIC.messages, 'counter', 'CALLs from stations', 'action', 'outcome'),
  define(METRIC.answerSeconds, 'histogram', 'Time from a CALL to its durable answer', 'action'),
  define(METRIC.badFrames, 'counter', 'Frames that are no OCPP', 'reason'),
  define(METRIC.queued, 'histogram', 'CALLs that waited when one more came'),
  define(METRIC.pauses, 'counter', 'Times that a socket was paused because its queue filled'),
  define(METRIC.calls, 'counter', 'Calls to stations', 'outcome'),
  define(METRIC.callSeconds, 'histogram', 'Time from a call to the station’s answer'),
  define(METRIC.strayAnswers, 'counter', 'Answers that nobody waits for', 'reason'),
  define(METRIC.securityEvents, 'counter', 'Security events, also those not logged', 'kind'),
  define(METRIC.publishFailures, 'counter', 'Events that the bus refused', 'code'),
];

export const NO_METRICS: Metrics = { count: () => {}, observe: () => {}, gauge: () => {} };
