export type {
  HeaderedPages,
  HistoryContent,
  HistoryFormat,
  HistoryPage,
  ReadHandlers,
  ReadProgress,
} from './format.js';
export { type HistoryHeader, headerOf } from './header.js';
export * from './history.js';
export * from './history-error.js';
export { readHistory } from './read-history.js';
export type { HistorySummary, SiteSummary } from './tally.js';
export {
  formatOfName,
  type WriteHistoryOptions,
  type WrittenHistory,
  writeHistory,
} from './write-history.js';
