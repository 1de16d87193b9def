// The cap form: what it starts from, what it may hold, what it asks for.

import type { EnvelopeView, NodeView, SiteView } from '@ampledger/domain';
import type { NodeId } from '@ampledger/kernel';
import type { CapRequest } from '../feed/api.js';

/** The units in which a node can be capped, its own first. */
export const capUnits = (node: NodeView): readonly ['A' | 'kW', ...('A' | 'kW')[]] =>
  node.limitA === null && node.limitW !== null ? ['kW', 'A'] : ['A', 'kW'];

const TOP_WITHOUT_LIMIT = 100;

/** The slider's end: the highest limit known of the node, in the unit. */
export function capTop(
  node: NodeView,
  unit: 'A' | 'kW',
  { voltageV, wiring }: Pick<SiteView, 'voltageV' | 'wiring'>,
  highestA: number,
): number {
  const ownA = Math.max(highestA, ...(node.limitA ?? [0]));
  const ownKw = (node.limitW ?? 0) / 1000;
  // Behind a delta amperes are of lines, and volts between them.
  const kwPerA = ((wiring === 'delta' ? Math.sqrt(3) : 3) * voltageV) / 1000;
  const top = unit === 'A' ? ownA || ownKw / kwPerA : ownKw || ownA * kwPerA;
  // A conversion that lands a hair above a whole figure means that figure.
  return Math.ceil(top - 1e-6) || TOP_WITHOUT_LIMIT;
}

export interface CapForm {
  readonly unit: 'A' | 'kW';
  /** As typed. */
  readonly value: string;
  /** Minutes; null: until it is removed. */
  readonly minutes: number | null;
}

export type CapCheck =
  | { readonly ok: true; readonly cap: CapRequest }
  | { readonly ok: false; readonly why: string };

const VALUE_MAX = 100_000;

export function checkCap(form: CapForm, node: NodeId, now: number): CapCheck {
  const value = Number(form.value.replace(',', '.'));
  if (form.value.trim() === '' || !Number.isFinite(value))
    return { ok: false, why: 'Give the cap as a number.' };
  if (value < 0 || value > VALUE_MAX)
    return { ok: false, why: `A cap lies between 0 and ${VALUE_MAX} ${form.unit}.` };
  return {
    ok: true,
    cap: { node, unit: form.unit, value, to: form.minutes === null ? null : now + form.minutes * 60_000 },
  };
}

/** The operator's cap on a node, when there is one. */
export const capOn = (view: SiteView, node: NodeId): EnvelopeView | undefined =>
  view.envelopes.find(
    (envelope) => envelope.source === 'operator' && envelope.node === node && envelope.state !== 'over',
  );

/** Envelopes that hold or will hold: those over and the ratings are left out. */
export const envelopesInForce = (view: SiteView): readonly EnvelopeView[] =>
  view.envelopes.filter(({ source, state }) => source !== 'rating' && state !== 'over');
