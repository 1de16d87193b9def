import type { NewEvent } from '@ampledger/ports';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WireRecord } from './db-client.js';
import { APPEND_BYTES_MAX, recordedEventOf, wireEventsOf } from './envelope.js';

const json = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
const meta = fc.record(
  {
    receivedAt: fc.nat(),
    stationAt: fc.nat(),
    causationId: fc.string(),
    correlationId: fc.string(),
    frame: fc.string(),
    trace: fc.string(),
    source: fc.record({ topic: fc.string(), partition: fc.nat(), offset: fc.nat(), done: fc.integer() }),
  },
  { requiredKeys: ['receivedAt'], noNullPrototype: true },
);
const event = (given: Partial<NewEvent> = {}): NewEvent => ({
  id: '00000000-0000-5000-8000-000000000000',
  key: 'depot',
  stream: 's',
  type: 'T',
  version: 2,
  data: {},
  meta: { receivedAt: 1 },
  ...given,
});

const recordOf = (given: NewEvent, over: Partial<WireRecord> = {}): WireRecord => {
  const [wire] = wireEventsOf(given.stream, [given]);
  return {
    id: given.id,
    stream: given.stream,
    type: given.type,
    revision: 3,
    position: 9,
    isJson: true,
    data: JSON.parse(JSON.stringify(wire?.data)),
    metadata: JSON.parse(Buffer.from(wire?.metadata ?? []).toString()),
    ...over,
  };
};

describe('the envelope', () => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(json, meta, (data, said) => {
        const given = event({
          data: JSON.parse(JSON.stringify(data)) as object,
          meta: said as NewEvent['meta'],
        });
        expect(recordedEventOf(recordOf(given))).toEqual({ ...given, revision: 3, position: 9 });
      }),
    );
  });

  it.each([
    ['bytes', { isJson: false }],
    ['a system stream', { stream: '$stats' }],
    ['a system event', { type: '$metadata' }],
    ['data that is no object', { data: 'text' }],
    ['no metadata', { metadata: undefined }],
    ['metadata of others', { metadata: { key: 'depot', version: 1 } }],
  ])('passes over %s', (_, over) => {
    expect(recordedEventOf(recordOf(event(), over as Partial<WireRecord>))).toBeUndefined();
  });

  it.each([
    ['no events', 's', []],
    ['events of another stream', 'other', [event()]],
    ['a stream of the server’s own', '$s', [event({ stream: '$s' })]],
    ['more than a server takes', 's', [event({ data: { text: 'x'.repeat(APPEND_BYTES_MAX) } })]],
  ])('refuses %s', (_, stream, events) => {
    expect(() => wireEventsOf(stream, events)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });
});
