// What a car wants and which phases it uses, and how that is known.

import type { ConnectorView, NeedsView, SiteView } from '@ampledger/domain';
import { phaseNames, type Wiring } from '../model/phases.js';
import { energy, shortMoment } from './format.js';

type Source = NonNullable<NeedsView['energySource']>;

const SOURCES: Readonly<Record<Source, string>> = {
  driver: 'said the driver',
  iso15118: 'said the car',
  api: 'told through the API',
  site: 'assumed by the site file',
  learned: 'as is usual here',
};

/** Somebody said so; else it is an assumption. */
const isSaid = (source: NeedsView['energySource']): boolean =>
  source === 'driver' || source === 'iso15118' || source === 'api';

type Clock = Pick<SiteView, 'at' | 'timeZone'>;

/** `Wants 12 kWh by 18:30.`, of what was said; null: nothing was. */
export function saidWords(needs: NeedsView | null, { at, timeZone }: Clock): string | null {
  if (needs === null) return null;
  const { energyWh, departAt } = needs;
  const wants = energyWh !== null && isSaid(needs.energySource) ? `Wants ${energy(energyWh)}` : null;
  const moment = departAt !== null && isSaid(needs.departSource) ? shortMoment(departAt, at, timeZone) : null;
  if (moment === null) return wants === null ? null : `${wants}.`;
  return wants === null ? `Leaves at ${moment}.` : `${wants} by ${moment}.`;
}

/** Each with how it is known; what is not known is left out. */
export function needsFacts(
  needs: NeedsView | null,
  { at, timeZone }: Clock,
): readonly (readonly [string, string])[] {
  if (needs === null) return [];
  const { energyWh, energySource, departAt, departSource } = needs;
  const known = (source: Source | null): string => (source === null ? '' : `, ${SOURCES[source]}`);
  return [
    ...(energyWh === null ? [] : [['Wants', `${energy(energyWh)} more${known(energySource)}`] as const]),
    ...(departAt === null
      ? []
      : [['Leaves', `${shortMoment(departAt, at, timeZone)}${known(departSource)}`] as const]),
  ];
}

/** Which phases the car uses, of those that the connector is wired to. */
export function phasesWords({ phases, carPhases }: ConnectorView, wiring: Wiring): string {
  const wired = phaseNames(wiring, phases);
  if (carPhases === null) return `${wired}; which of them the car uses is not known yet`;
  if (carPhases.length === phases.length) return `${wired}; the car uses all of them`;
  return `${phaseNames(wiring, carPhases)} of ${wired}, as its meter shows`;
}

const POLICIES: Readonly<Record<SiteView['policy'], string>> = {
  fair: 'Everybody gets as much as the one with least can have.',
  urgent: 'Who has to leave soon gets more.',
  throughput: 'As much energy as possible flows now, whoever gets it.',
  balanced: 'As much energy as possible flows, and nobody is left out.',
};
export const policyWords = (policy: SiteView['policy']): string => POLICIES[policy] ?? policy;
