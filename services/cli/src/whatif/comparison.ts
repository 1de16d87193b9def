// What happened, the simulation of it, and the simulation under other rules, side by side.

import type { Outcome, SessionOutcome } from './outcome.js';
import { shareOf } from './outcome.js';
import type { Recording } from './recording.js';

export interface Comparison {
  readonly recording: Recording;
  /** What is different, in words; empty: nothing is. */
  readonly changes: readonly string[];
  /** What the reader should know before believing the figures. */
  readonly notes: readonly string[];
  readonly happened: Outcome;
  /** Under the recorded rules: what is different from `happened` is the model's own error. */
  readonly simulated: Outcome;
  /** null: nothing was to be different. */
  readonly whatIf: Outcome | null;
}

export interface SessionRow {
  readonly happened: SessionOutcome;
  readonly simulated: SessionOutcome;
  readonly whatIf: SessionOutcome | null;
}

/** All outcomes list the same sessions in the same order. */
export const sessionRows = ({ happened, simulated, whatIf }: Comparison): readonly SessionRow[] =>
  happened.sessions.map((one, i) => ({
    happened: one,
    simulated: simulated.sessions[i] ?? one,
    whatIf: whatIf?.sessions[i] ?? null,
  }));

/** Those who fall shortest of what they wanted, the worst first; nobody who got all of it. */
export function worstServed(rows: readonly SessionRow[], most: number): readonly SessionRow[] {
  const share = ({ whatIf, simulated }: SessionRow): number => shareOf(whatIf ?? simulated);
  const missing = ({ whatIf, simulated }: SessionRow): number => {
    const { wantWh, servedWh } = whatIf ?? simulated;
    return wantWh - servedWh;
  };
  return [...rows]
    .filter((row) => missing(row) >= 1)
    .sort((a, b) => share(a) - share(b) || missing(b) - missing(a))
    .slice(0, most);
}

/** How the sessions were simulated. */
export interface Modelled {
  readonly keepsCharging: boolean;
  readonly release: string;
  /** `none`: no site file asks for any. */
  readonly plans: 'made' | 'left-out' | 'none';
}

export function notesOf(
  recording: Recording,
  { keepsCharging, release, plans }: Modelled,
): readonly string[] {
  const notes: string[] = [];
  const others = recording.releases.filter((one) => one !== release);
  if (others.length > 0)
    notes.push(
      `Release ${others.join(', ')} of the engine decided; the simulations share power as ${release} does, also as it was.`,
    );
  const open = recording.sessions.filter(({ wantKnown }) => wantKnown === 'at-least').length;
  const unknown = recording.sessions.filter(({ carMaxA, takenWh }) => carMaxA === null && takenWh > 0).length;
  if (open > 0)
    notes.push(
      `${count(open, 'session')} ended while the car was charging or waiting to: it asked for at least what it took. ${
        keepsCharging
          ? 'In the simulations it goes on charging for as long as it stayed (--wants most).'
          : 'In the simulations it stops there; with --wants most it goes on for as long as it stayed.'
      }`,
    );
  if (unknown > 0)
    notes.push(
      `${count(unknown, 'session')} never had more than the car took: such a car is taken to manage all that its connector gives.`,
    );
  if (plans === 'left-out')
    notes.push('A site file asks for plans; the simulations look at the moment only (--no-plan).');
  if (plans === 'made')
    notes.push(
      'Plans are made as the engine makes them, each to its end: where a deadline ended one, that may differ. What a battery takes and gives is in no figure.',
    );
  const seen = new Set(recording.stations.map(({ station }) => station));
  const unseen = (recording.rules.at(-1)?.config.stations ?? []).filter(({ id }) => !seen.has(id)).length;
  if (unseen > 0)
    notes.push(
      `${count(unseen, 'station')} never connected, and ${unseen === 1 ? 'counts' : 'count'} as the site file says (\`unseen\`).`,
    );
  return notes;
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
