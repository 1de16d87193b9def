export type { Labels, MetricDefinition, Metrics, MetricsOptions } from '@ampledger/process';
export type { Access } from './access/guard.js';
export { assertMayListen, isLoopback } from './access/loopback.js';
export {
  type ApiToken,
  hashToken,
  newToken,
  parseTokenFile,
  ROLES,
  type Role,
  type TokenFileProblem,
} from './access/token.js';
export { API_PORT_DEFAULT, type Api, createApi } from './create-api.js';
export type { ApiDeps, ApiLimits, Log, Readiness, SiteProblem } from './deps.js';
export { type EventFilter, scanEvents } from './events/event-scan.js';
export { createMetrics, type EngineMetrics } from './metrics/metrics.js';
export type { EventWire } from './schema/event.js';
export type { SiteWire } from './schema/site.js';
export { eventToWire } from './wire/event-wire.js';
export { siteToWire } from './wire/site-wire.js';
