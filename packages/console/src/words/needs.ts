// What a car wants and which phases it uses, and how that is known.

import type { ConnectorView, NeedsView, SiteView } from '@ampledger/domain';
import type { SitePlan } from '../feed/plan.js';
import { phaseNames, type Wiring } from '../model/phases.js';
import { energy, nearMoment } from './format.js';
import { type Standing, standingOf } from './standing.js';

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
  const moment = departAt !== null && isSaid(needs.departSource) ? nearMoment(departAt, at, timeZone) : null;
  if (moment === null) return wants === null ? null : `${wants}.`;
  return wants === null ? `Leaves at ${moment}.` : `${wants} by ${moment}.`;
}

export interface NeedLine {
  readonly words: string;
  readonly kind: Standing['kind'];
}

/**
 * For the row of a connector: what its car needs, if somebody said so, and how it stands; of what is only
 * assumed no more than that it will be short. null: nothing that is worth a line.
 */
export function needLine(connector: ConnectorView, view: SiteView, plan: SitePlan | null): NeedLine | null {
  const said = saidWords(connector.needs, view);
  const standing = standingOf(connector, view, plan);
  if (standing === null) return said === null ? null : { words: said, kind: 'open' };
  if (said !== null) return { words: `${said.slice(0, -1)}: ${standing.words}.`, kind: standing.kind };
  if (standing.kind !== 'short') return null;
  const words = `${standing.words.charAt(0).toUpperCase()}${standing.words.slice(1)}, of what is ${ASSUMED[connector.needs?.energySource ?? 'site']}.`;
  return { words, kind: 'short' };
}

const ASSUMED: Readonly<Record<Source, string>> = {
  ...{ driver: 'wanted', iso15118: 'wanted', api: 'wanted' },
  site: 'assumed',
  learned: 'usual here',
};

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
      : [['Leaves', `${nearMoment(departAt, at, timeZone)}${known(departSource)}`] as const]),
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
