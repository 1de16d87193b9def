// A comparison for programs: JSON, and its sessions as CSV (RFC 4180). Units stand last in each name; the help of
// the command says what there is.

import { phaseName } from '@ampledger/kernel';
import { iso } from '../output.js';
import { type Comparison, type SessionRow, sessionRows } from './comparison.js';
import type { Outcome } from './outcome.js';

export function comparisonJson(comparison: Comparison): object {
  const { recording, changes, notes, happened, simulated, whatIf } = comparison;
  return {
    ...{ site: recording.site, from: iso(recording.from), to: iso(recording.to), changes, notes },
    happened: figuresOf(happened),
    simulated: figuresOf(simulated),
    whatIf: whatIf === null ? null : figuresOf(whatIf),
    sessions: sessionRows(comparison).map(sessionJson),
  };
}

/** All but the sessions, which stand beside each other in a list of their own. */
function figuresOf({ sessions, bound, ...figures }: Outcome): object {
  return {
    sessions: sessions.length,
    ...figures,
    bound: bound.map(({ phase, ...limit }) => ({
      ...limit,
      phase: phase === null ? null : phaseName(phase),
    })),
  };
}

function sessionJson({ happened, simulated, whatIf }: SessionRow): object {
  const { session, connector, arriveAt, leaveAt, wantWh, wantKnown } = happened;
  return {
    ...{ session, connector, arriveAt: iso(arriveAt), leaveAt: iso(leaveAt), wantWh, wantKnown },
    happened: { servedWh: happened.servedWh, waitedMs: happened.waitedMs },
    simulated: { servedWh: simulated.servedWh, waitedMs: simulated.waitedMs },
    whatIf: whatIf && { servedWh: whatIf.servedWh, waitedMs: whatIf.waitedMs },
  };
}

const COLUMNS = [
  ...['session', 'connector', 'arrived', 'left', 'asked_kwh', 'asked_known'],
  ...['happened_kwh', 'simulated_kwh', 'whatif_kwh'],
  ...['happened_waiting_min', 'simulated_waiting_min', 'whatif_waiting_min'],
];

/** One line for each session, in the order of arrival. */
export function sessionsCsv(comparison: Comparison): string {
  const lines = sessionRows(comparison).map(({ happened, simulated, whatIf }) => {
    const all = [happened, simulated, whatIf];
    return [
      ...[happened.session, happened.connector, iso(happened.arriveAt), iso(happened.leaveAt)],
      ...[(happened.wantWh / 1000).toFixed(3), happened.wantKnown],
      ...all.map((one) => (one === null ? '' : (one.servedWh / 1000).toFixed(3))),
      ...all.map((one) => (one === null ? '' : (one.waitedMs / 60_000).toFixed(1))),
    ];
  });
  return `${[COLUMNS, ...lines].map((cells) => cells.map(quoted).join(',')).join('\r\n')}\r\n`;
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
