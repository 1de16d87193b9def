import { readFileSync } from 'node:fs';
import { type SiteId, siteId } from '@ampledger/kernel';
import { describe, expect, test } from 'vitest';
import { streamFor } from './envelope.js';
import { EVENT_DOCS } from './event-docs.js';
import { type DomainEvent, EVENT_SCHEMAS, type EventType } from './event-types.js';
import { generateEventsDoc } from './generate-events-doc.js';

const TYPES = Object.keys(EVENT_SCHEMAS) as EventType[];
const SITE: SiteId = siteId('site-1');
/** A value for every field that decides on the stream. */
const NAMES = { station: 'S', session: 'S:1', connector: 'S/1', site: SITE };

test('every type says what it means, and no other does', () => {
  expect(Object.keys(EVENT_DOCS)).toEqual(TYPES);
  for (const { says } of Object.values(EVENT_DOCS)) expect(says).toMatch(/^[A-Z].*\.$/);
});

describe('the stream that is written is the stream that is used', () => {
  const streamOf = (type: EventType, session: string | null): string => {
    const keys = Object.keys(EVENT_SCHEMAS[type].shape);
    const data = Object.fromEntries(
      Object.entries({ ...NAMES, session }).filter(([key]) => keys.includes(key)),
    );
    return streamFor({ type, data } as unknown as DomainEvent, SITE, 0);
  };

  test.each(TYPES)('%s', (type) => {
    const expected = {
      session: 'session-S:1',
      meter: 'session-S:1',
      station: 'station-S-19700101',
      site: 'site-site-1-19700101',
    };
    expect(streamOf(type, NAMES.session)).toBe(expected[EVENT_DOCS[type].stream]);
  });

  test('a reading outside a session', () => {
    expect(streamOf('MeterSampled', null)).toBe('meter-S-19700101');
  });
});

test('docs/events.md is fresh', () => {
  const page = readFileSync(new URL('../../../docs/events.md', import.meta.url), 'utf8');
  expect(page, 'stale: build, then run node packages/domain/dist/generate-events-doc.js').toBe(
    generateEventsDoc(),
  );
});
