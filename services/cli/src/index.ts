export { type Engine, type EngineOptions, startEngine } from './engine.js';
export { CliError, EXIT, type ExitCode } from './exit.js';
export { createLog, type Log } from './log.js';
export { main } from './main.js';
export { type VerifyReport, verifyLog } from './verify/verify-log.js';
