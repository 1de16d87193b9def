// A span of time as commands take it: what can hold nothing is a mistake, not an empty answer.

import { CliError, EXIT } from './exit.js';
import { iso } from './output.js';

export interface TimeSpan {
  readonly from?: number;
  readonly to?: number;
}

/** Throws for a span that ends before it begins. */
export function refuseBackwards({ from, to }: TimeSpan): void {
  if (from === undefined || to === undefined || from < to) return;
  throw new CliError(EXIT.badInput, `--to ${iso(to)} is not after --from ${iso(from)}.`);
}
