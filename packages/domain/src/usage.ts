// Cars that draw less than they are offered give back what they leave, and get it back at once
// when they take up all that is left to them.

import type { LedgerInput } from './ledger.js';
import { acceptedA, inForceSince } from './ledger.js';
import type { UsageState } from './state.js';

/** A draw this close to the offer takes all of it. */
const TAKES_ALL_WITHIN_A = 0.75;
const TAKES_ALL_SHARE = 0.95;
/** Room left above the draw when the rest is given back. */
const HEADROOM_A = 1.5;
/** How long a car may take to rise to a new limit, and how long it must stay below it. */
const SETTLE_MS = 30_000;
const LOW_FOR_MS = 40_000;

/** `drawA` is in amperes of the connector's own limit. */
export function evolveUsage(input: LedgerInput, drawA: number, at: number): UsageState {
  const { usage, session, meter } = input.connector;
  if (meter?.exact === false || takesWattsOnly(input)) return usage;
  const offerA = acceptedA(input, at);
  const since = inForceSince(input, at);
  if (session === null || offerA === null || since === null || offerA <= 0) return usage;
  if (drawA >= Math.min(offerA - TAKES_ALL_WITHIN_A, offerA * TAKES_ALL_SHARE)) {
    return usage.capA === null && usage.lowSince === null ? usage : { ...usage, capA: null, lowSince: null };
  }
  if (at - since < SETTLE_MS) return usage;
  const lowSince = usage.lowSince ?? at;
  if (at - lowSince < LOW_FOR_MS) return usage.lowSince === null ? { ...usage, lowSince } : usage;
  const capA = Math.max(input.config.minA, Math.ceil(drawA + HEADROOM_A));
  return capA >= input.config.maxA
    ? { ...usage, capA: null, lowSince }
    : sameCap(usage, capA)
      ? usage
      : { ...usage, capA, lowSince };
}

/** A limit in watts says nothing of amperes on a phase, but at DC: what the car leaves of it cannot be told. */
const takesWattsOnly = ({ station, config }: LedgerInput): boolean =>
  config.current === 'ac' &&
  station.capabilities !== null &&
  station.capabilities.rateUnits.length > 0 &&
  !station.capabilities.rateUnits.includes('A');

/** A cap is not moved for less than an ampere upwards: the car is below it anyway. */
const sameCap = (usage: UsageState, capA: number): boolean =>
  usage.capA !== null && capA <= usage.capA && usage.capA - capA < 1;
