// Events that the store refuses for good. They are kept elsewhere, named in the marker, and neither folded
// nor recorded, so that a rebuild comes to the same states as the recorder's own fold and its snapshots.

import { CodedError } from '@ampledger/kernel';
import type { Effort } from './effort.js';
import { METRIC } from './metrics.js';
import type { Refused } from './stream-appender.js';
import type { TenureDeps } from './tenure.js';

/** Kept before the marker is written, so that nothing is passed by that is nowhere. */
export async function buryRefused(
  deps: Pick<TenureDeps, 'onPoison' | 'metrics' | 'log' | 'partition'>,
  effort: Effort,
  refused: readonly Refused[],
): Promise<void> {
  const { onPoison, metrics, log, partition } = deps;
  for (const { entry, reason } of refused) {
    const { event, offset, bytes } = entry;
    const { id, stream, type } = event;
    log.error({ partition, offset, id, stream, type, bytes, reason }, 'the event store refused an event');
    if (onPoison) await effort(() => onPoison(event, reason));
    metrics.count(METRIC.deadLetters, { reason: 'refused' });
  }
}

/** Then it is not the events: to pass by all of them would lose what is sound. */
export function storeRefusesTooMuch(count: number, refused: readonly Refused[]): CodedError {
  const reason = refused[0]?.reason ?? '';
  return new CodedError(
    'STORE_REFUSES',
    `The event store refused ${count} events of one batch (${reason}); nothing is skipped`,
  );
}
