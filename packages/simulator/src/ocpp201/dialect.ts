// OCPP 2.0.1, edition 3, with JSON: the whole dialect of a station.

import type { Dialect, StationControl } from '../dialect.js';
import { dispatch } from '../handler.js';
import type { Random } from '../random.js';
import { handlers201, UNSUPPORTED_201 } from './handlers.js';
import { messages201 } from './messages.js';
import { variableHandlers201 } from './variable-handlers.js';

/** OCPP 2.0.1 part 4 section 4.3. */
const MALFORMED = 'FormatViolation';

export function dialect201(control: StationControl, random: Random, now: () => number): Dialect {
  const handlers = { ...handlers201(control), ...variableHandlers201(control) };
  return {
    ...messages201(control, random, now),
    handle: (action, payload) =>
      dispatch({ handlers, unsupported: UNSUPPORTED_201, malformedCode: MALFORMED }, action, payload),
    badFrame: MALFORMED,
  };
}
