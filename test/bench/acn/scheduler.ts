// What is judged: something that says, every five minutes, how many amperes each waiting car may draw.

import type { Network } from './network.js';

/** A car that is plugged in and not full. Periods are of five minutes, counted from the sessions' origin. */
export interface ActiveSession {
  readonly id: string;
  /** Index into `network.evses`. */
  readonly evse: number;
  readonly arrival: number;
  /** When it will leave: what nobody knows; for schedulers that are given foresight. */
  readonly departure: number;
  /** When its driver said that it would leave; may have passed. */
  readonly estimatedDeparture: number;
  readonly requestedKwh: number;
  readonly deliveredKwh: number;
  /** Above 0.001 kWh. */
  readonly remainingKwh: number;
  /** The current that would fill it in one period. */
  readonly remainingA: number;
  /** The least that the station offers beside nothing. */
  readonly minA: number;
  /** The most that the station offers. */
  readonly maxA: number;
  /** The most that the car takes: what it leaves of its offer is nobody's. */
  readonly carMaxA: number;
}

export interface Scheduler {
  readonly name: string;
  /**
   * Called in every period in which a car waits, after that period's departures and arrivals.
   *
   * @param active in the order of the EVSEs; the records are reused: read them, do not keep them.
   * @returns one rate for each of `active`, in amperes; read before the next call.
   */
  schedule(active: readonly ActiveSession[], period: number, network: Network): ArrayLike<number>;
  close?(): void;
}

/** How long it could wait and still be full in time at the station's most, in periods: the public definition. */
export const laxity = ({ estimatedDeparture, remainingA, maxA }: ActiveSession, period: number): number =>
  estimatedDeparture - period - remainingA / maxA;
