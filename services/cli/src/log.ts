// The process's own log is that of every process.

export { createLog, type Log, stderrLog } from '@ampledger/process';
