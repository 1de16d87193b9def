export * from './contract.js';
export { METRIC, METRIC_DEFINITIONS, type MetricDefinition, NO_METRICS } from './metrics.js';
export { createRecorder } from './recorder.js';
