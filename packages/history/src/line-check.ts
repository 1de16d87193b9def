// The lines of a history, one after the other, each checked against all before it.

import { createHash } from 'node:crypto';
import type { NewEvent } from '@ampledger/ports';
import { eventOf, isObject } from './event-text.js';
import { compareSummary, type HistoryHeader, parsed, parseHeader } from './header.js';
import { HistoryError } from './history-error.js';
import { type HistorySummary, Tally } from './tally.js';

const TRAILER = '{"trailer":';
/** `,"crc":"01234567"}` */
const SEAL_BYTES = 18;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class LineCheck {
  readonly #tally = new Tally();
  #header: HistoryHeader | undefined;
  #headerSha256 = '';
  #summary: HistorySummary | undefined;
  #line = 0;

  /** Number of the last line that was sound. */
  get line(): number {
    return this.#line;
  }

  header(line: Buffer): HistoryHeader {
    this.#header = parseHeader(line.toString());
    this.#headerSha256 = createHash('sha256').update(line).digest('hex');
    this.#line = 1;
    return this.#header;
  }

  /** The event of the next line; undefined for the last line, which holds none. */
  next(line: Buffer): NewEvent | undefined {
    const place = `Line ${this.#line + 1}`;
    if (this.#summary !== undefined) {
      throw new HistoryError('DAMAGED', `${place} comes after the end of the history`);
    }
    if (line.subarray(0, TRAILER.length).toString() === TRAILER) this.#trailer(line, place);
    else {
      const event = this.#event(line, place);
      this.#line += 1;
      return event;
    }
    this.#line += 1;
    return undefined;
  }

  /** To be called at the end, with how many bytes came after the last line feed. */
  end(rest: number): { readonly header: HistoryHeader; readonly summary: HistorySummary } {
    if (this.#header === undefined)
      throw new HistoryError('NOT_A_HISTORY', 'This is no history: it has no line');
    if (this.#summary === undefined) throw cutAfter(this.#line);
    if (rest > 0) throw new HistoryError('DAMAGED', `${rest} bytes come after the end of the history`);
    return { header: this.#header, summary: this.#summary };
  }

  #event(line: Buffer, place: string): NewEvent {
    const open = line.subarray(0, Math.max(0, line.length - SEAL_BYTES));
    const seal = line.subarray(open.length).toString('latin1');
    if (seal !== `,"crc":"${this.#tally.chainAfter(open)}"}`) {
      throw new HistoryError('DAMAGED', `${place} fails its checksum or does not follow the line before it`);
    }
    const event = eventOf(parsed(textOrNone(open, place)), place);
    this.#tally.add(event, open);
    return event;
  }

  #trailer(line: Buffer, place: string): void {
    const value = parsed(line.toString());
    if (!isObject(value)) throw new HistoryError('DAMAGED', `${place}, the last one, cannot be read`);
    const summary = this.#tally.summary();
    compareSummary(value.trailer, summary);
    if (value.headerSha256 !== this.#headerSha256) {
      throw new HistoryError('DAMAGED', 'Line 1 fails its checksum, which is in the last line');
    }
    this.#summary = summary;
  }
}

function textOrNone(open: Buffer, place: string): string {
  try {
    return `${decoder.decode(open)}}`;
  } catch (error) {
    throw new HistoryError('INVALID', `${place} is no valid UTF-8`, error);
  }
}

export const cutAfter = (line: number): HistoryError =>
  new HistoryError(
    'CUT',
    `The history was cut off after line ${line}: the line that says what all events come to is missing`,
  );
