// Ids that follow from what they name (RFC 9562, version 5), so that doing a thing twice names it once.

import { v5 } from 'uuid';

const AMPLEDGER = '6f1e1c6e-0f0d-5a58-9d39-3f6f3c1f6c3b';

/** The UUID of a natural key. The parts are joined so that ('a','bc') and ('ab','c') differ. */
export const deterministicId = (...parts: readonly (string | number)[]): string =>
  v5(JSON.stringify(parts), AMPLEDGER);
