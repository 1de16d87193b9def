import type { Phase } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import type { Cap } from './composite.js';
import { shareCap } from './station-cap.js';

const want = (wantA: number, phases: readonly Phase[] = [0, 1, 2]) => ({ wantA, minA: 6, phases });
const amperes = (limit: number): Cap => ({ limit, unit: 'A', numberPhases: 3 });
const watts = (limit: number): Cap => ({ limit, unit: 'W', numberPhases: 3 });

describe('sharing the station cap', () => {
  it.each([
    ['no cap', [want(32), want(10)], null, [32, 10]],
    ['room for all', [want(16), want(10)], amperes(32), [16, 10]],
    ['evenly', [want(32), want(32)], amperes(32), [16, 16]],
    ['what one leaves, the other takes', [want(8), want(32)], amperes(32), [8, 24]],
    ['nobody under the minimum: the last one waits', [want(32), want(32)], amperes(10), [10, 0]],
    ['not enough for anyone', [want(32), want(32)], amperes(5), [0, 0]],
    ['different phases do not compete', [want(32, [0]), want(32, [1])], amperes(20), [20, 20]],
    ['watts in total', [want(32), want(32, [0])], watts(9200), [10, 10]],
  ] as const)('%s', (_name, wants, cap, expected) => {
    const offers = shareCap(wants, cap, 230);
    expect(offers.map((offer) => Number(offer.toFixed(6)))).toEqual(expected);
  });
});
