import { describe, expect, it } from 'vitest';
import { RecentEvents } from './recent-events.js';
import { testEvent } from './test-directory.js';

const recorded = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ ...testEvent('s', i), position: from + i, revision: i }));
const positions = (recent: RecentEvents, after: number, max = 10_000) =>
  recent.after(after, max)?.map(({ position }) => position);

describe('the newest events', () => {
  it('stay as long as a subscriber still waits for them', () => {
    const recent = new RecentEvents(10);
    recent.add(recorded(11, 3), 10);
    recent.add(recorded(14, 2), 10);
    expect(positions(recent, 10)).toEqual([11, 12, 13, 14, 15]);
    recent.add(recorded(16, 1), 14);
    expect(positions(recent, 14)).toEqual([15, 16]);
    expect(positions(recent, 13)).toBeUndefined();
  });

  it('go with the next commit when nobody waits', () => {
    const recent = new RecentEvents(0);
    recent.add(recorded(1, 3), Number.POSITIVE_INFINITY);
    expect(positions(recent, 0)).toEqual([1, 2, 3]);
    expect(positions(recent, 3)).toEqual([]);
    recent.add(recorded(4, 1), Number.POSITIVE_INFINITY);
    expect(positions(recent, 0)).toBeUndefined();
    expect(positions(recent, 3)).toEqual([4]);
  });

  it('are bounded, whoever waits', () => {
    const recent = new RecentEvents(0);
    for (let first = 1; first < 20_000; first += 1_000) recent.add(recorded(first, 1_000), 0);
    expect(positions(recent, 0)).toBeUndefined();
    expect(positions(recent, 20_000 - 8_192)).toHaveLength(8_192);
    expect(positions(recent, 20_000 - 8_193)).toBeUndefined();
  });

  it('come in portions', () => {
    const recent = new RecentEvents(0);
    recent.add(recorded(1, 5), 0);
    expect(positions(recent, 1, 2)).toEqual([2, 3]);
  });
});
