// How much an envelope allows, and what holds instead once its source is silent.

import type { EnvelopeView, SiteView } from '@ampledger/domain';
import { duration, kilowatts, phaseAmperes } from './format.js';

type Limits = Pick<EnvelopeView, 'limitA' | 'limitW'>;
type Wiring = SiteView['wiring'];

/** `40 A`, `40 / 40 / 30 A`, `22 kW`; behind a delta `40 A per line`. null: no limit. */
export function limitWords({ limitA, limitW }: Limits, wiring: Wiring): string | null {
  const current = limitA === null ? [] : [phaseAmperes(limitA, wiring)];
  const power = limitW === null ? [] : [kilowatts(limitW)];
  return [...current, ...power].join(', ') || null;
}

/** `falls back to 6 A when silent for 5 min`; null: it stays as it is. */
export function fallbackWords(
  { fallback, silenceS }: Pick<EnvelopeView, 'fallback' | 'silenceS'>,
  wiring: Wiring,
): string | null {
  if (!fallback || !silenceS) return null;
  // Of 90 seconds nobody wants to hear a minute.
  const span = silenceS % 60 === 0 ? duration(silenceS * 1000) : `${silenceS} s`;
  return `falls back to ${limitWords(fallback, wiring) ?? 'no limit'} when silent for ${span}`;
}
