export { createMemoryLog, type MemoryLog, type MemoryLogOptions } from './memory-log.js';
