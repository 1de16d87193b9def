export { type EmbeddedLog, type EmbeddedLogOptions, openEmbeddedLog } from './embedded-log.js';
export type { VerifyProgress } from './log-reader.js';
export type { LogStats } from './log-writer.js';
