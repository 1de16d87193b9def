// What a car can take at a moment: the least and the most of station, wiring and car.

import {
  type ConnectorState,
  freshDrawA,
  type LedgerInput,
  leastSettable,
  type Settable,
  type SiteConfig,
  settableBelow,
  settableOf,
} from '@ampledger/domain';

/** A car that has not drawn for this long is full: it is served after all others. */
export const FULL_AFTER_MS = 600_000;

/** Amperes on each of its phases. */
export interface CarBounds {
  /** What its connector can be set to. */
  readonly settable: Settable;
  /** The least that it can be set to and that is any use to station and car. */
  readonly minA: number;
  /** The least of what station, wiring and car are made for. */
  readonly ratedA: number;
  /** Of these it is the car's, by what it said, that is the least. */
  readonly saidByCar: boolean;
  /** The most that can be set of it, and no more than the car was seen to take; the minimum where it is full. */
  readonly takesA: number;
  readonly full: boolean;
}

type Supply = Pick<SiteConfig, 'voltageV' | 'wiring'>;

export function carBounds(site: Supply, input: LedgerInput, now: number): CarBounds {
  const { config, connector } = input;
  const said = connector.session?.needs ?? null;
  const pauses = isPausing(input, now);
  const full = isServed(input, now);
  const settable = settableOf(site, config);
  const minA = leastSettable(settable, config, said?.minA ?? 0);
  const ratedA = Math.min(config.maxA, said?.maxA ?? Number.POSITIVE_INFINITY);
  const capA = freshDrawA(input, now) === null ? null : connector.usage.capA;
  const saidByCar = ratedA < config.maxA && ratedA >= minA;
  const mostA = Math.min(ratedA, capA ?? Number.POSITIVE_INFINITY);
  const takesA = full || pauses ? minA : mostSettable(settable, mostA, minA);
  return { settable, minA, ratedA, saidByCar, takesA, full };
}

/** What can be set at or below `mostA`; the minimum where that is none that is of use. */
export const mostSettable = (settable: Settable, mostA: number, minA: number): number =>
  Math.max(minA, Math.min(mostA, settableBelow(settable, mostA)));

/** It is served after all others. */
export const isServed = (input: LedgerInput, now: number): boolean =>
  isFull(input.connector, now) || (isPausing(input, now) && hasWhatItSaid(input.connector));

/** Draws less than this: nothing but what its electronics take. */
const NOTHING_A = 1;

/** The car itself has stopped: more than the minimum would only be kept from others. */
function isPausing(input: LedgerInput, now: number): boolean {
  if (input.connector.status !== 'SuspendedEV' && input.connector.status !== 'Finishing') return false;
  const drawA = freshDrawA(input, now);
  return drawA !== null && Math.max(...drawA) < NOTHING_A;
}

function hasWhatItSaid({ session }: ConnectorState): boolean {
  const energyWh = session?.needs?.energyWh ?? null;
  if (session === null || energyWh === null) return false;
  const fromWh = session.needs?.energyFromWh ?? session.meterStartWh;
  return fromWh !== null && (session.meterLastWh ?? fromWh) - fromWh >= energyWh;
}

export function isFull(connector: ConnectorState, now: number): boolean {
  if (connector.status !== 'SuspendedEV' && connector.status !== 'Finishing') return false;
  const { lowSince } = connector.usage;
  return lowSince !== null && now - lowSince >= FULL_AFTER_MS;
}
