// What keeps an event of a file out of a log: this release could not fold it.

import { isEventType, upcast } from '@ampledger/domain';
import type { NewEvent } from '@ampledger/ports';
import { checkEvent } from '../processes/check-event.js';

export function problemOf(event: NewEvent): string | undefined {
  const current = upcast(event);
  if (current.kind !== 'current' || !isEventType(event.type)) {
    return `${event.type} of version ${event.version} is nothing that this release knows: import it with the release that wrote it, or a later one`;
  }
  const problem = checkEvent(event);
  return problem === null ? undefined : `${event.type}: ${problem}`;
}
