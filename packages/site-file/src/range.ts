// Ids in a row: `CP001..CP060`.

import { err, ok, type Result, STATION_ID } from '@ampledger/kernel';
import { STATIONS_MAX } from './node-form.js';
import { ID_RANGE } from './station-form.js';

/** Every id of the range, or what is wrong with it. A leading zero on the left fixes the number of digits. */
export function expandRange(text: string): Result<readonly string[], string> {
  const { prefix, prefixAgain, first, last } = ID_RANGE.exec(text)?.groups ?? {};
  if (first === undefined || last === undefined || prefix === undefined)
    return err(`\`${text}\` is no range`);
  if (prefix !== prefixAgain) return err(`\`${text}\`: both ends must begin alike`);
  const padded = first.length > 1 && first.startsWith('0');
  if (padded && first.length !== last.length)
    return err(`\`${text}\`: both ends must have equally many digits`);
  const [from, to] = [Number(first), Number(last)];
  if (from > to) return err(`\`${text}\` runs backwards`);
  if (to - from >= STATIONS_MAX) return err(`\`${text}\` has more than ${STATIONS_MAX} ids`);
  const digits = padded ? first.length : 0;
  const ids = Array.from(
    { length: to - from + 1 },
    (_, i) => `${prefix}${String(from + i).padStart(digits, '0')}`,
  );
  const bad = ids.find((id) => !STATION_ID.test(id));
  return bad === undefined ? ok(ids) : err(`\`${bad}\` is no station id`);
}
