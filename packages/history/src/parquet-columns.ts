// The columns of a history as a table: what an event is, and beside it what analysts ask for by name.
// `data` and `meta` are JSON as text, so that reading gives back what was written to the letter.

import type { SchemaElement } from 'hyparquet';
import type { ColumnSource } from 'hyparquet-writer';
import { type EventText, isObject } from './event-text.js';
import type { HistoryEvent } from './history.js';

type Value = string | number | bigint | null;

interface Row {
  readonly event: HistoryEvent;
  readonly text: EventText;
  readonly subject: Subject;
}

interface Subject {
  readonly station: string | null;
  readonly evse: number | null;
  readonly session: string | null;
}

interface Column {
  readonly element: SchemaElement;
  readonly value: (row: Row) => Value;
  /** Least and greatest values, by which readers pass over row groups. */
  readonly statistics: boolean;
}

const text = (name: string, isOptional = false): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
  repetition_type: isOptional ? 'OPTIONAL' : 'REQUIRED',
});

const COLUMNS: readonly Column[] = [
  {
    element: {
      name: 'time',
      type: 'INT64',
      converted_type: 'TIMESTAMP_MILLIS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
      repetition_type: 'OPTIONAL',
    },
    value: ({ event }) => timeOf(event.meta.receivedAt),
    statistics: true,
  },
  { element: text('site'), value: ({ text: { key } }) => key, statistics: true },
  {
    element: { name: 'seq', type: 'INT64', repetition_type: 'REQUIRED' },
    value: ({ event }) => BigInt(event.seq),
    statistics: true,
  },
  { element: text('type'), value: ({ text: { type } }) => type, statistics: true },
  { element: text('station', true), value: ({ subject }) => subject.station, statistics: true },
  {
    element: { name: 'evse', type: 'INT32', repetition_type: 'OPTIONAL' },
    value: ({ subject }) => subject.evse,
    statistics: true,
  },
  { element: text('session', true), value: ({ subject }) => subject.session, statistics: true },
  { element: text('data'), value: ({ text: { data } }) => data, statistics: false },
  { element: text('stream'), value: ({ text: { stream } }) => stream, statistics: true },
  {
    element: { name: 'version', type: 'INT32', repetition_type: 'REQUIRED' },
    value: ({ text: { version } }) => version,
    statistics: true,
  },
  { element: text('id'), value: ({ text: { id } }) => id, statistics: false },
  { element: text('meta'), value: ({ text: { meta } }) => meta, statistics: false },
];

export const PARQUET_SCHEMA: SchemaElement[] = [
  { name: 'events', num_children: COLUMNS.length },
  ...COLUMNS.map(({ element }) => element),
];

/** Of these an event is made again. */
export const EVENT_COLUMNS = ['id', 'site', 'stream', 'type', 'version', 'data', 'meta'] as const;

export const rowOf = (event: HistoryEvent, eventText: EventText): Row => ({
  event,
  text: eventText,
  subject: subjectOf(event.data),
});
export type { Row };

export const columnsOf = (rows: readonly Row[]): ColumnSource[] =>
  COLUMNS.map(({ element, value, statistics }) => ({
    name: element.name,
    data: rows.map(value),
    statistics,
    // All of the file has a checksum: no indexes between the row groups and the footer.
    offsetIndex: false,
  }));

const TIME_MAX = 8.64e15;

/** null where no calendar reaches; the exact number is in `meta`. */
const timeOf = (at: number): bigint | null => (Math.abs(at) <= TIME_MAX ? BigInt(Math.floor(at)) : null);

/** Station, EVSE and session that the data names: limits go to connectors, written `<station>/<evse>`. */
function subjectOf(data: unknown): Subject {
  if (!isObject(data)) return { station: null, evse: null, session: null };
  const [station, evse] = typeof data.connector === 'string' ? data.connector.split('/') : [];
  return {
    station: wellFormed(data.station) ?? wellFormed(station),
    evse: smallNumber(data.evseId) ?? smallNumber(Number(evse ?? 'none')),
    session: wellFormed(data.session),
  };
}

const wellFormed = (value: unknown): string | null =>
  typeof value === 'string' ? Buffer.from(value).toString() : null;
const smallNumber = (value: unknown): number | null =>
  typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? value : null;
