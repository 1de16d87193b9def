// Bytes to lines, each within a bound.

import { HistoryError } from './history-error.js';

const LINE_FEED = 10;

/** A history's last line names every site. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

/** Lines without their line feeds. A rest without one is not handed over: `onRest` is told of it. */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  onRest: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let held = 0;
  let line = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      const last = chunk.subarray(start, end);
      line += 1;
      yield parts.length === 0 ? last : Buffer.concat([...parts, last]);
      parts = [];
      held = 0;
      start = end + 1;
    }
    if (start === chunk.length) continue;
    parts.push(chunk.subarray(start));
    held += chunk.length - start;
    if (held > LINE_BYTES_MAX) {
      throw new HistoryError('DAMAGED', `Line ${line + 1} is longer than ${LINE_BYTES_MAX} bytes`);
    }
  }
  onRest(held);
}
