// A comparison as text.

import { phaseWords, type Wiring } from '@ampledger/domain';
import { siteClock, zoneName } from '../explain/site-clock.js';
import { round, span, table } from '../output.js';
import { type Comparison, sessionRows, worstServed } from './comparison.js';
import type { NodePeak } from './node-peaks.js';
import { type BoundLimit, type Outcome, type SessionOutcome, shareOf } from './outcome.js';

const WORST_SHOWN = 5;
const LIMITS_SHOWN = 10;

export function reportText(comparison: Comparison): string {
  const { recording, changes, notes } = comparison;
  const { site, from, to, sessions } = recording;
  const { name = site, timeZone } = placeOf(comparison);
  const clock = siteClock(timeZone);
  const connectors = new Set(sessions.map(({ connector }) => connector)).size;
  return [
    `${name} (${site}), ${clock(from)} to ${clock(to)} (${zoneName(timeZone)}): ${sessions.length} sessions at ${connectors} connectors`,
    ...(changes.length === 0
      ? ['Nothing is to be different.']
      : changes.map((change) => `What if: ${change}`)),
    '',
    figures(comparison),
    peaks(comparison),
    limits(comparison),
    worst(comparison),
    ...notes.map((note) => `- ${note}`),
    '',
  ].join('\n');
}

interface Place {
  readonly name?: string;
  readonly timeZone: string;
  readonly wiring: Wiring;
}

/** As the first of the recorded rules have it. */
function placeOf({ recording: { rules } }: Comparison): Place {
  const config = rules[0]?.config;
  if (config === undefined) return { timeZone: 'UTC', wiring: 'wye' };
  const { name, timeZone, wiring } = config;
  return name === undefined ? { timeZone, wiring } : { name, timeZone, wiring };
}

const outcomes = ({ happened, simulated, whatIf }: Comparison): readonly Outcome[] =>
  whatIf === null ? [happened, simulated] : [happened, simulated, whatIf];

const headings = ({ whatIf }: Comparison): readonly string[] =>
  whatIf === null ? ['HAPPENED>', 'SIMULATED AS IT WAS>'] : ['HAPPENED>', 'SIMULATED AS IT WAS>', 'WHAT IF>'];

const kWh = (wh: number): string => (wh / 1000).toFixed(1);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
/** What rounds to nothing has no sign. */
function signed(value: number, text: (value: number) => string): string {
  const size = text(Math.abs(value));
  return /[1-9]/.test(size) ? `${value < 0 ? '-' : '+'}${size}` : size;
}

function figures(comparison: Comparison): string {
  const all = outcomes(comparison);
  const { simulated, whatIf } = comparison;
  const row = (what: string, of: (outcome: Outcome) => number, text: (value: number) => string) => [
    what,
    ...all.map((outcome) => text(of(outcome))),
    ...(whatIf === null ? [] : [signed(of(whatIf) - of(simulated), text)]),
  ];
  const asked = (wh: number): string => `${comparison.happened.askedIsAtLeast ? 'at least ' : ''}${kWh(wh)}`;
  const rows = [
    row('energy served, kWh', ({ servedWh }) => servedWh, kWh),
    ['energy asked, kWh', ...all.map(({ askedWh }) => asked(askedWh))],
    row('served of asked', servedShare, percent),
    row('demands met (short by < 0.1 kWh and 5 %)', metShare, percent),
    row(
      "fairness (Jain's index)",
      ({ fairness }) => fairness,
      (value) => value.toFixed(3),
    ),
    row('waiting, all together', ({ waitedMs }) => waitedMs, span),
    row('longest waiting of one', ({ longestWaitMs }) => longestWaitMs, span),
    ...costRows(comparison, row),
  ];
  return table(['', ...headings(comparison), ...(whatIf === null ? [] : ['DIFFERENCE>'])], rows);
}

type Row = (what: string, of: (o: Outcome) => number, text: (v: number) => string) => readonly string[];

function costRows(comparison: Comparison, row: Row): readonly (readonly string[])[] {
  const currency = outcomes(comparison).find(({ cost }) => cost !== null)?.cost?.currency;
  if (currency === undefined) return [];
  const money = (value: number): string => value.toFixed(2);
  return [
    row(`cost of energy, ${currency}`, ({ cost }) => cost?.energy ?? 0, money),
    row(`cost of the peak, ${currency}`, ({ cost }) => cost?.demand ?? 0, money),
  ];
}

const servedShare = ({ servedWh, askedWh }: Outcome): number => (askedWh === 0 ? 1 : servedWh / askedWh);
const metShare = ({ met, sessions }: Outcome): number => (sessions.length === 0 ? 1 : met / sessions.length);

function peaks(comparison: Comparison): string {
  const all = outcomes(comparison);
  const names = [...new Set(all.flatMap((outcome) => outcome.peaks.map(({ node }) => node)))];
  const cell = (peak: NodePeak | undefined): string =>
    peak === undefined
      ? '-'
      : `${peak.peakA.map((a) => a.toFixed(0)).join('/')} A, ${round(peak.peakW / 1000)} kW`;
  const rows = names.map((name) => [
    name,
    ...all.map((outcome) => cell(outcome.peaks.find(({ node }) => node === name))),
  ]);
  return table(['HIGHEST QUARTER-HOUR', ...headings(comparison)], rows);
}

const limitName = (wiring: Wiring, { node, phase, line, by }: BoundLimit): string => {
  const what = phase !== null && line === null ? phaseWords(wiring, phase) : (line ?? 'power');
  return `${node}, ${what}${by === 'rating' ? '' : ` (${by})`}`;
};

function limits(comparison: Comparison): string {
  const all = outcomes(comparison);
  const { wiring } = placeOf(comparison);
  const nameOf = (one: BoundLimit): string => limitName(wiring, one);
  const longest = new Map<string, number>();
  for (const one of all.flatMap(({ bound }) => bound))
    longest.set(nameOf(one), Math.max(longest.get(nameOf(one)) ?? 0, one.boundMs));
  const names = [...longest].sort(([, a], [, b]) => b - a).map(([name]) => name);
  const minutes = (outcome: Outcome, name: string): string => {
    const found = outcome.bound.filter((one) => nameOf(one) === name);
    return (found.reduce((sum, { boundMs }) => sum + boundMs, 0) / 60_000).toFixed(0);
  };
  if (names.length === 0) return "No limit was ever in anybody's way.\n";
  const rows = names
    .slice(0, LIMITS_SHOWN)
    .map((name) => [name, ...all.map((outcome) => minutes(outcome, name))]);
  return table(['MINUTES THAT A LIMIT BOUND', ...headings(comparison)], rows);
}

function worst(comparison: Comparison): string {
  const clock = siteClock(placeOf(comparison).timeZone);
  const rows = worstServed(sessionRows(comparison), WORST_SHOWN);
  if (rows.length === 0) return 'Everybody gets what was asked for.\n';
  const served = (one: SessionOutcome | null): string =>
    one === null ? '' : `${kWh(one.servedWh)} (${percent(shareOf(one))})`;
  const cells = rows.map(({ happened, simulated, whatIf }) => [
    happened.connector,
    clock(happened.arriveAt),
    span(happened.leaveAt - happened.arriveAt),
    `${happened.wantKnown === 'at-least' ? '>=' : ''}${kWh(happened.wantWh)}`,
    ...[happened, simulated, ...(whatIf === null ? [] : [whatIf])].map(served),
  ]);
  return table(['WORST SERVED, kWh', 'FROM', 'FOR>', 'ASKED>', ...headings(comparison)], cells);
}
