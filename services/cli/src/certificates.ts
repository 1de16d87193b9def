// What becomes of a sampled allocation's certificate: a count, and a line in the log where it fails.

import type { Metrics } from '@ampledger/api';
import type { SiteId } from '@ampledger/kernel';
import type { Finding } from '@ampledger/optimizer';
import type { Log } from './log.js';
import { CERTIFICATES } from './metrics.js';

export function certifiedTo(metrics: Pick<Metrics, 'count'>, log: Pick<Log, 'error'>) {
  return (site: SiteId, findings: readonly Finding[]): void => {
    metrics.count(CERTIFICATES, { site, outcome: findings.length === 0 ? 'holds' : 'fails' });
    if (findings.length > 0) log.error({ site, findings }, 'An allocation does not hold its certificate');
  };
}
