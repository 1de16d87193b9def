// Takes stations' connections, and publishes what they say before it is answered.

export type { Audit, SecurityEvent, SecurityEventKind } from './audit.js';
export type {
  Connection,
  Ingress,
  IngressDeps,
  IngressOptions,
  Labels,
  Logger,
  Metrics,
  Refusal,
  StationDirectory,
  StationPlace,
  StationSocket,
} from './contract.js';
export { createIngress } from './ingress.js';
export { METRIC, METRIC_DEFINITIONS, type MetricDefinition, NO_METRICS } from './metrics.js';
export { DEFAULT_OPTIONS } from './options.js';
export { createPasswordVerifier, hashPassword, type PasswordVerifier, verifyPassword } from './password.js';
export { createPseudonym } from './pseudonym.js';
export { type Listening, type ListenOptions, listenIngress } from './server.js';
