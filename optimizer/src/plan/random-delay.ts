// The random delay before a charge starts or its power changes, where the law asks for one, so that many
// stations do not switch at the same second of a tariff. It follows from what it delays: replaying gives the same.

import { hash } from 'node:crypto';

/**
 * The Electric Vehicles (Smart Charge Points) Regulations 2021 (SI 2021/1467), regulation 11: a delay of up to
 * 600 s by default, the most being adjustable up to 1,800 s, to the nearest second, whenever electricity begins
 * to flow and whenever its rate goes up or down.
 */
export const DELAY_DEFAULT_S = 600;
export const DELAY_MAX_S = 1_800;

/**
 * Seconds by which a change of a session that is due at an instant is delayed: whole, even over 0..mostS.
 *
 * Not to be applied where the owner overrode it, where an equivalent delay was applied already, or for a response
 * to the grid's own call (regulation 11), and never to a cut that keeps a limit.
 *
 * @param dueAt epoch milliseconds at which the change would happen; the same for the same change.
 * @throws RangeError for `mostS` that is no whole number from 0 to 1,800.
 */
export function randomDelayS(session: string, dueAt: number, mostS: number = DELAY_DEFAULT_S): number {
  if (!Number.isInteger(mostS) || mostS < 0 || mostS > DELAY_MAX_S)
    throw new RangeError(`a random delay is at most ${DELAY_MAX_S} s, in whole seconds`);
  const digest = hash('sha256', JSON.stringify(['random-delay', session, dueAt]), 'hex');
  // 48 bits over at most 1,801 values: no value is favoured by more than one in 10^11.
  return Number.parseInt(digest.slice(0, 12), 16) % (mostS + 1);
}
