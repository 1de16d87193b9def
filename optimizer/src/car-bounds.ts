// What a car can take at a moment: the least and the most of station, wiring and car.

import { type ConnectorState, freshDrawA, type LedgerInput } from '@ampledger/domain';

/** A car that has not drawn for this long is full: it is served after all others. */
export const FULL_AFTER_MS = 600_000;

/** Amperes on each of its phases. */
export interface CarBounds {
  /** The least that is any use to station and car. */
  readonly minA: number;
  /** The least of what station, wiring and car are made for. */
  readonly ratedA: number;
  /** The same, and no more than the car was seen to take; the minimum where it is full. */
  readonly takesA: number;
  readonly full: boolean;
}

export function carBounds(input: LedgerInput, now: number): CarBounds {
  const { config, connector } = input;
  const said = connector.session?.needs ?? null;
  const pauses = isPausing(input, now);
  const full = isFull(connector, now) || (pauses && hasWhatItSaid(connector));
  const minA = Math.min(config.maxA, Math.max(config.minA, said?.minA ?? 0));
  const ratedA = Math.min(config.maxA, said?.maxA ?? Number.POSITIVE_INFINITY);
  const capA = freshDrawA(input, now) === null ? null : connector.usage.capA;
  const takesA = full || pauses ? minA : Math.min(ratedA, capA ?? Number.POSITIVE_INFINITY);
  return { minA, ratedA, takesA, full };
}

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
