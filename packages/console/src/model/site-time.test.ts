import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantOf, wallTime } from './site-time.js';

test.each([
  ['2026-03-02T12:00', 'Europe/Berlin', '2026-03-02T11:00:00Z'],
  ['2026-07-02T12:00:05', 'Europe/Berlin', '2026-07-02T10:00:05Z'],
  // Left out by the clock change: moved on by the gap.
  ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
  // Comes twice: the first.
  ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
  ['2026-03-02T12:00', 'Asia/Kathmandu', '2026-03-02T06:15:00Z'],
  ['2026-03-02T12:00', 'America/Los_Angeles', '2026-03-02T20:00:00Z'],
])('%s in %s is %s', (wall, timeZone, instant) => {
  expect(instantOf(wall, timeZone)).toBe(Date.parse(instant));
});

test.each(['', 'now', '2026-03-02', '2026-03-02T12'])('"%s" is no time', (wall) => {
  expect(instantOf(wall, 'UTC')).toBeUndefined();
});

test('there and back, in every zone, on all but the doubled hour', () => {
  const zone = fc.constantFrom(
    'UTC',
    'Europe/London',
    'America/Santiago',
    'Australia/Lord_Howe',
    'Pacific/Chatham',
  );
  fc.assert(
    fc.property(fc.integer({ min: 1_700_000_000, max: 2_000_000_000 }), zone, (second, timeZone) => {
      const wall = wallTime(second * 1000, timeZone);
      const back = instantOf(wall, timeZone);
      expect(back === undefined ? undefined : wallTime(back, timeZone)).toBe(wall);
      expect(Math.abs((back ?? 0) - second * 1000)).toBeLessThanOrEqual(3_600_000);
    }),
  );
});
