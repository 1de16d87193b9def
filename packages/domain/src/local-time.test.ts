import { describe, expect, it } from 'vitest';
import { clockWords, localTime, nextLocalMinute, utcOffsetMs } from './index.js';

const BERLIN = 'Europe/Berlin';
const utc = (text: string): number => Date.parse(`${text}Z`);

describe('the clock on the wall', () => {
  const cases: readonly [string, string, number, number][] = [
    [BERLIN, '2026-01-05T07:00:00', 1, 8 * 60],
    [BERLIN, '2026-07-05T22:30:00', 1, 30],
    ['America/Los_Angeles', '2026-01-05T07:00:00', 7, 23 * 60],
    ['Asia/Kathmandu', '2026-01-05T00:00:00', 1, 5 * 60 + 45],
    // An hour that is there twice: the second time.
    [BERLIN, '2026-10-25T01:30:00', 7, 2 * 60 + 30],
    ['UTC', '1969-12-31T23:59:00', 3, 23 * 60 + 59],
  ];
  it.each(cases)('%s at %s', (zone, at, weekday, minute) => {
    expect(localTime(zone, utc(at))).toMatchObject({ weekday, minute });
  });

  it('of a zone that nobody knows is UTC', () => expect(utcOffsetMs('Moon/Base', 0)).toBe(0));
  it('in words', () => expect(clockWords(BERLIN, utc('2026-07-05T22:07:59'))).toBe('00:07'));
});

describe('the next time that it shows a minute', () => {
  const cases: readonly [string, number, string][] = [
    ['2026-01-05T07:00:00', 9 * 60, '2026-01-05T08:00:00'],
    ['2026-01-05T08:00:00', 9 * 60, '2026-01-06T08:00:00'],
    ['2026-01-05T07:00:00', 7 * 60, '2026-01-06T06:00:00'],
    // Over the change to summer time, and back.
    ['2026-03-28T20:00:00', 7 * 60, '2026-03-29T05:00:00'],
    ['2026-10-24T20:00:00', 7 * 60, '2026-10-25T06:00:00'],
    ['2026-03-28T20:00:00', 2 * 60 + 30, '2026-03-29T01:30:00'],
  ];
  it.each(cases)('after %s, minute %i', (from, minute, expected) => {
    expect(new Date(nextLocalMinute(BERLIN, utc(from), minute)).toISOString()).toBe(`${expected}.000Z`);
  });
});
