// OCPP 1.6, edition 2, with JSON: the whole dialect of a station.

import type { Dialect, StationControl } from '../dialect.js';
import { dispatch } from '../handler.js';
import { configuration16 } from './configuration.js';
import { handlers16, UNSUPPORTED_16 } from './handlers.js';
import { messages16 } from './messages.js';

/** OCPP-J 1.6 section 4.2.3. */
const MALFORMED = 'FormationViolation';

export function dialect16(control: StationControl): Dialect {
  const handlers = handlers16(control, configuration16(control));
  return {
    ...messages16(control),
    handle: (action, payload) =>
      dispatch({ handlers, unsupported: UNSUPPORTED_16, malformedCode: MALFORMED }, action, payload),
    badFrame: MALFORMED,
  };
}
