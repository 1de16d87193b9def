// What the bus may hand over: events whose data their type allows. One that does not hold to its schema
// is poison to every fold, and is kept from all of them alike.

import { EVENT_SCHEMAS, isEventType, upcast } from '@ampledger/domain';
import { CodedError } from '@ampledger/kernel';

/**
 * Why the event may not be folded; null when it may. An event of an unknown type is left to the fold,
 * which passes it by. Throws EVENT_TOO_NEW for one that a later release wrote.
 */
export function checkEvent(event: {
  readonly type: string;
  readonly version: number;
  readonly data: object;
}): string | null {
  const current = upcast(event);
  if (current.kind === 'too-new') {
    throw new CodedError(
      'EVENT_TOO_NEW',
      `A ${event.type} of version ${event.version} is on the bus, which a later release wrote. Start that release or a later one.`,
    );
  }
  if (current.kind === 'unknown-type' || !isEventType(event.type)) return null;
  const checked = EVENT_SCHEMAS[event.type].safeParse(current.data);
  if (checked.success) return null;
  const issue = checked.error.issues[0];
  return issue === undefined ? 'the data fails its schema' : `${issue.path.join('.')}: ${issue.message}`;
}
