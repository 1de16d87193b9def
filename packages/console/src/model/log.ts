// The latest events, told: the main ones and every step kept apart, so that many steps
// never push the story off the page.

import type { SiteView } from '@ampledger/domain';
import type { EventEntry } from '../feed/wire.js';
import { type Mark, tell } from '../words/events.js';

export interface LogLine {
  readonly position: number;
  readonly at: number;
  readonly text: string;
  readonly mark: Mark;
  readonly main: boolean;
}

/** Newest first. */
export interface Log {
  readonly story: readonly LogLine[];
  readonly steps: readonly LogLine[];
}

export const EMPTY_LOG: Log = { story: [], steps: [] };
export const LOG_LINES_MAX = 50;

/** Adds events in any order; one that is there already is not added again. */
export function addToLog(log: Log, events: readonly EventEntry[], view: SiteView): Log {
  const lines = events.map((event): LogLine => {
    const { text, mark, weight } = tell(event, view);
    return { position: event.position, at: event.receivedAt, text, mark, main: weight === 'main' };
  });
  return {
    story: newest(
      log.story,
      lines.filter(({ main }) => main),
    ),
    steps: newest(
      log.steps,
      lines.filter(({ main }) => !main),
    ),
  };
}

/** Every line of the log, newest first. */
export const allLines = (log: Log): readonly LogLine[] => newest(log.story, log.steps);

function newest(known: readonly LogLine[], added: readonly LogLine[]): readonly LogLine[] {
  if (added.length === 0) return known;
  const byPosition = new Map([...added, ...known].map((line) => [line.position, line]));
  return [...byPosition.values()].sort((a, b) => b.position - a.position).slice(0, LOG_LINES_MAX);
}
