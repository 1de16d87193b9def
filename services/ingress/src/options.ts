// The bounds that ingress keeps when nothing else is said.

import type { IngressOptions } from './contract.js';

export const DEFAULT_OPTIONS: IngressOptions = {
  instance: 'ingress',
  startAfter: 0,
  answerUnconnected: true,
  heartbeatIntervalS: 300,
  pingPeriodMs: 30_000,
  missedPongsMax: 2,
  probeTimeoutMs: 5_000,
  queuedCallsMax: 32,
  outboxMax: 32,
  badFramesPerMinuteMax: 20,
  bootsPerMinuteMax: 10,
  sendBufferMaxBytes: 1_048_576,
  answersKept: 64,
  stationsKept: 50_000,
  answerPayloadMaxBytes: 65_536,
  closeTimeoutMs: 1_000,
};
