// Security events: one structured line each, rate-limited per kind, short, and never a payload.

import type { Clock } from '@ampledger/kernel';
import type { Logger, Metrics } from './contract.js';
import { METRIC } from './metrics.js';
import { createTokenBucket, type TokenBucket } from './token-bucket.js';

export type SecurityEventKind =
  | 'DuplicateConnection'
  | 'UnknownStation'
  | 'AuthenticationFailed'
  | 'AuthenticationThrottled'
  | 'InvalidIdentity'
  | 'UnsupportedProtocol'
  | 'ConnectionStorm'
  | 'OversizedFrame'
  | 'BinaryFrame'
  | 'InvalidFrames'
  | 'AttemptedReplay'
  | 'MessageFlood'
  | 'BootFlood'
  | 'SlowReader';

export interface SecurityEvent {
  readonly kind: SecurityEventKind;
  /** As claimed; not necessarily true. */
  readonly station?: string;
  readonly remote?: string;
  readonly detail?: string;
}

export type Audit = (event: SecurityEvent) => void;

const BURST = 20;
const PER_SECOND = 1;

export function createAudit(deps: {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}): Audit {
  const buckets = new Map<SecurityEventKind, { bucket: TokenBucket; suppressed: number }>();
  const gateFor = (kind: SecurityEventKind) => {
    const known = buckets.get(kind);
    if (known !== undefined) return known;
    const gate = {
      bucket: createTokenBucket({ clock: deps.clock, perSecond: PER_SECOND, burst: BURST }),
      suppressed: 0,
    };
    buckets.set(kind, gate);
    return gate;
  };
  return (event) => {
    deps.metrics.count(METRIC.securityEvents, { kind: event.kind });
    const gate = gateFor(event.kind);
    if (!gate.bucket.take()) {
      gate.suppressed += 1;
      return;
    }
    deps.log.warn({ security: bounded(event), suppressed: gate.suppressed }, `security event: ${event.kind}`);
    gate.suppressed = 0;
  };
}

/** What a peer says of itself is cut short: no line grows past a kilobyte. */
const bounded = (event: SecurityEvent): SecurityEvent => ({
  kind: event.kind,
  ...(event.station === undefined ? {} : { station: event.station.slice(0, 100) }),
  ...(event.remote === undefined ? {} : { remote: event.remote.slice(0, 100) }),
  ...(event.detail === undefined ? {} : { detail: event.detail.slice(0, 300) }),
});
