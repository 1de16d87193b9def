// What every process has: settings, its own log, probes, metrics, traces, and an orderly end.

export { type Admin, type AdminOptions, startAdmin } from './admin.js';
export { cannotListen, type Door, type End, EXIT, type ExitCode, ExitError, endOf } from './exit.js';
export { createHealth, type Health, type Liveness, type Readiness } from './health.js';
export { createLog, type Log, type LogOptions, processLog, stderrLog } from './log.js';
export {
  MEMORY_DEFINITIONS,
  MEMORY_METRIC,
  type MemoryReading,
  type MemoryWatch,
  type MemoryWatchOptions,
  memoryWatch,
} from './memory-watch.js';
export {
  createMetrics,
  type Labels,
  type MetricDefinition,
  type Metrics,
  type MetricsOptions,
  type ProcessMetrics,
} from './metrics.js';
export { type Running, type RunProcessOptions, runProcess } from './run-process.js';
export { addSettingsOptions, type OptionTaker } from './settings/add-options.js';
export { ALL_SETTING_NAMES, ALL_VARIABLES, DEFINITIONS } from './settings/all.js';
export { type ApiSettings, apiSettings } from './settings/api.js';
export { type CommandSettings, commandSettings } from './settings/command.js';
export { type IngressSettings, ingressSettings } from './settings/ingress.js';
export * from './settings/kind.js';
export { type LoadOptions, loadSettings } from './settings/load-settings.js';
export { type OptimizerSettings, optimizerSettings } from './settings/optimizer.js';
export { type ReadSettings, readSettings, type SettingsSources } from './settings/read-settings.js';
export { type RecorderSettings, recorderSettings } from './settings/recorder.js';
export { settingsReference } from './settings/reference.js';
export {
  CONFIG,
  defineSettings,
  envOf,
  flagOf,
  type Setting,
  type Settings,
  type SettingsDefinition,
  type SettingsOf,
  setting,
  type ValuesOf,
} from './settings/setting.js';
export { type ToolSettings, toolSettings } from './settings/tools.js';
export { type Host, type SignalOptions, type Signals, watchSignals } from './signals.js';
export { startTracing, type Tracing, type TracingOptions } from './tracing.js';
