// What the limit is worth to the car, what is known of it, and what the plan has for it: lines of the story.

import { lineWords, phaseWords, togetherWords, type Wiring } from '@ampledger/domain';
import { amperes, round } from '../output.js';
import type { Chain } from './chain.js';
import type { SiteClock } from './site-clock.js';

type Binding = NonNullable<Chain['binding']>;

/** 12 A on leg BC left for charging; 30 A on line A of the transformer’s primary side. */
export function amountText({ phase, line, capacity }: Binding, wiring: Wiring): string {
  if (line === 'unbalance') return `at most ${round(capacity)} A between two of its phases`;
  if (phase === null) return `${round(capacity / 1000)} kW left for charging`;
  const where = line === null ? phaseWords(wiring, phase) : `line ${lineWords(phase)} of the ${line} side`;
  return `${round(capacity)} A on ${where} left for charging`;
}

/** Less than this is nothing to speak of. */
const GAIN_MIN = 0.01;

export function shareLines(
  { phase, line, gainA, together, sharers, until }: Binding,
  { clock, wiring }: { readonly clock: SiteClock; readonly wiring: Wiring },
): readonly string[] {
  const isPower = phase === null && line === null;
  const gain = gainA === null ? 0 : gainA * (isPower ? 1000 : 1);
  const places = togetherWords(line ?? undefined, together ?? undefined, wiring);
  const onEach = places === null ? '' : ` on ${places}`;
  const parts = [
    ...sharersText(sharers, gainA !== null && gain < GAIN_MIN),
    ...(gain < GAIN_MIN
      ? []
      : [`1 ${isPower ? 'kW' : 'A'} more${onEach} would give this one ${Number(gain.toPrecision(2))} A`]),
    ...(until === null ? [] : [`as it is until ${clock(until)} at the latest`]),
  ];
  return parts.length === 0 ? [] : [`      ${parts.join('; ')}`];
}

/** Who would have nothing of more room is not among those that share. */
function sharersText(sharers: number | null, itSharesNot: boolean): readonly string[] {
  if (sharers === null || sharers < (itSharesNot ? 1 : 2)) return [];
  if (!itSharesNot) return [`${sharers} connectors share the last of it`];
  return [sharers === 1 ? 'another connector has the last of it' : `${sharers} others share the last of it`];
}

export const transformerLines = ({ lines }: Binding): readonly string[] =>
  lines.map(
    ({ side, limitA, offeredA, drawnA }) =>
      `      Lines of the ${side} side: ${amperes(offeredA)} A may flow, ${amperes(drawnA)} A do, of ${amperes(limitA)} A`,
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
