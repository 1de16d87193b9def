// What the engine measures of itself, for Prometheus: what a process measures, what the API does, and the
// gauges of sites, which are worked out from the projection when somebody looks.

import type { Clock } from '@ampledger/kernel';
import {
  createMetrics as createProcessMetrics,
  type MetricDefinition,
  type MetricsOptions,
  type ProcessMetrics,
} from '@ampledger/process';
import type { Projection } from '@ampledger/projection';
import { createSiteGauges } from './site-gauges.js';

export interface EngineMetrics extends ProcessMetrics {
  /** From now on the text has the gauges of these sites. Once. */
  watch(source: { readonly projection: Projection; readonly clock: Clock }): void;
}

export const HTTP_SECONDS = 'ampledger_api_request_seconds';
const OWN: readonly MetricDefinition[] = [
  {
    name: HTTP_SECONDS,
    kind: 'histogram',
    help: 'Time to answer an HTTP request',
    labels: ['method', 'route', 'status'],
  },
];

export function createMetrics(options: MetricsOptions = {}): EngineMetrics {
  const metrics = createProcessMetrics({
    ...options,
    definitions: [...OWN, ...(options.definitions ?? [])],
  });
  return {
    ...metrics,
    watch: (source) => metrics.beforeText(createSiteGauges(metrics.registry, source)),
  };
}
