// What the limit is worth to the car, what is known of it, and what the plan has for it: lines of the story.

import { lineWords, phaseWords, sideWords, togetherWords, type Wiring } from '@ampledger/domain';
import { amperes, round } from '../output.js';
import type { Chain } from './chain.js';
import type { SiteClock } from './site-clock.js';

type Binding = NonNullable<Chain['binding']>;

/** 12 A on leg BC left for charging; 30 A on line A of the transformer’s primary side, with all that flows there. */
export function amountText(binding: Binding, wiring: Wiring): string {
  const { phase, line, capacity } = binding;
  if (line === 'unbalance') return `at most ${round(capacity)} A between two of its phases`;
  if (phase === null) return `${round(capacity / 1000)} kW left for charging`;
  if (line === null) return `${round(capacity)} A on ${phaseWords(wiring, phase)} left for charging`;
  const side = sideWords(line, isTransformer(binding));
  return `${round(capacity)} A on line ${lineWords(phase)}${side}, with all that flows there`;
}

/** The lines of a panel are limited like a secondary side; only of a transformer anything else is known. */
const isTransformer = ({ lines }: Binding): boolean => lines.some(({ side }) => side === 'primary');

/** Less than this is nothing to speak of. */
const GAIN_MIN = 0.01;

export function shareLines(
  binding: Binding,
  { clock, wiring }: { readonly clock: SiteClock; readonly wiring: Wiring },
): readonly string[] {
  const { phase, line, gainA, sharers, until } = binding;
  const isPower = phase === null && line === null;
  const gain = gainA === null ? 0 : gainA * (isPower ? 1000 : 1);
  const parts = [
    ...sharersText(sharers, gainA !== null && gain < GAIN_MIN),
    ...(gain < GAIN_MIN
      ? []
      : [
          `1 ${isPower ? 'kW' : 'A'} more${whereText(binding, wiring)} would add ${Number(gain.toPrecision(2))} A to the share of this one`,
        ]),
    ...(until === null ? [] : [`as it is until ${clock(until)} at the latest`]),
  ];
  return parts.length === 0 ? [] : [`      ${parts.join('; ')}`];
}

function whereText(binding: Binding, wiring: Wiring): string {
  const { line, together } = binding;
  if (line === 'unbalance') return ' between its phases';
  const all = { line: line ?? undefined, together: together ?? undefined };
  const places = togetherWords(all, wiring, isTransformer(binding));
  return places === null ? '' : ` on ${places}`;
}

/** Who would have nothing of more room is not among those that share. */
function sharersText(sharers: number | null, itSharesNot: boolean): readonly string[] {
  if (sharers === null || sharers < (itSharesNot ? 1 : 2)) return [];
  if (!itSharesNot) return [`${sharers} connectors share the last of it`];
  return [sharers === 1 ? 'another connector has the last of it' : `${sharers} others share the last of it`];
}

export const transformerLines = (binding: Binding): readonly string[] =>
  binding.lines.map(
    ({ side, limitA, offeredA, drawnA }) =>
      `      Lines${sideWords(side, isTransformer(binding))}: ${amperes(offeredA)} A may flow, ${amperes(drawnA)} A do, of ${amperes(limitA)} A`,
  );

export function planLines(plan: Chain['plan'], clock: SiteClock): readonly string[] {
  if (plan === null) return [];
  const { event, limitA, moreAt } = plan;
  const now = limitA === null ? 'has nothing for this session' : `has ${round(limitA)} A for it now`;
  const next = moreAt === null ? '' : `, more from ${clock(moreAt)}`;
  return [
    `    The plan ${now}${next}  [${clock(event.receivedAt)}, position ${event.position}, ${event.id}]`,
  ];
}

const SOURCES = {
  driver: 'its driver said',
  iso15118: 'the car said',
  api: 'said through the API',
  site: 'assumed by the site file',
  learned: 'as cars before it',
} as const;

/** Its phases and its needs; nothing where no session runs. */
export function carLines(
  { session, phases, carPhases, wiring, needs }: Chain,
  clock: SiteClock,
): readonly string[] {
  if (session === null) return [];
  const named = (which: readonly (0 | 1 | 2)[]): string =>
    which.map((phase) => phaseWords(wiring, phase)).join('/');
  const used =
    phases.length === 1
      ? []
      : carPhases === null
        ? [`    It counts on each of ${named(phases)}: its meter has not shown that its car uses fewer`]
        : [`    Its car uses ${named(carPhases)}, as its meter showed`];
  return [...used, ...(needs === null ? [] : needsLines(needs, clock))];
}

function needsLines(
  { energyWh, energySource, departAt, departSource }: NonNullable<Chain['needs']>,
  clock: SiteClock,
): readonly string[] {
  const from = (source: keyof typeof SOURCES | null): string =>
    source === null ? '' : ` (${SOURCES[source]})`;
  const parts = [
    ...(energyWh === null ? [] : [`wants ${energyText(energyWh)} more${from(energySource)}`]),
    ...(departAt === null ? [] : [`leaves at ${clock(departAt)}${from(departSource)}`]),
  ];
  return [`    It ${parts.length === 0 ? 'said nothing of energy or departure' : parts.join(', ')}`];
}

const energyText = (wh: number): string => (wh < 1000 ? `${Math.round(wh)} Wh` : `${round(wh / 1000)} kWh`);
