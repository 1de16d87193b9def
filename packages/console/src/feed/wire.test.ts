import { expect, test } from 'vitest';
import { aSite, NOON, onWire } from '../testing.js';
import { isSiteView, parseWire, readEvents, readSites } from './wire.js';

test('a view comes back from the wire as it was', () => {
  const view = aSite();
  const read = parseWire(JSON.stringify(onWire(view)));
  expect(read).toEqual(view);
  expect(isSiteView(read)).toBe(true);
});

test.each([
  ['{"at":"2026-03-02T11:00:00.000Z"}', { at: NOON }],
  ['{"from":null,"to":"2026-03-02T11:00:00Z"}', { from: null, to: NOON }],
  ['{"leaseEndsAt":"2026-03-02T12:00:00+01:00"}', { leaseEndsAt: NOON }],
  ['{"because":{"until":"2026-03-02T11:00:00Z"}}', { because: { until: NOON } }],
  ['{"departAt":"2026-03-02T11:00:00Z"}', { departAt: NOON }],
  ['{"heardAt":1772449200000}', { heardAt: NOON }],
  ['{"status":"2026-03-02T11:00:00Z","format":"2026"}', { status: '2026-03-02T11:00:00Z', format: '2026' }],
  ['{"to":"nowhere"}', { to: 'nowhere' }],
])('instants of %s', (text, expected) => {
  expect(parseWire(text)).toEqual(expected);
});

test.each([null, [], 'text', {}, { id: 'x', at: 1 }, { id: 'x', at: 'soon', nodes: [] }])(
  '%j is no view',
  (value) => {
    expect(isSiteView(value)).toBe(false);
  },
);

test('lists are read in both shapes, entries that make no sense left out', () => {
  expect(readSites({ sites: [{ id: 'a', name: 'A' }, { id: 'b' }, { name: 'no id' }, 7] })).toEqual([
    { id: 'a', name: 'A' },
    { id: 'b', name: null },
  ]);
  expect(readSites([{ id: 'a', name: null }])).toHaveLength(1);
  const event = { position: 3, type: 'SiteRemoved', receivedAt: NOON, data: { site: 'a' } };
  expect(readEvents({ events: [event, { position: 4 }], next: null })).toEqual([event]);
});
