import { nodeId } from '@ampledger/kernel';
import { expect, it } from 'vitest';
import type { Binding } from './event-types.js';
import { explainBinding } from './explain-binding.js';
import { commissioned, configured, given, siteOf, type Told } from './testing.js';

const site = siteOf({
  nodes: [{ id: 'grid', limitA: 63 }],
  stations: ['A', 'B', 'C'].map((id) => ({ id, node: 'grid' })),
});
const link: Binding = {
  kind: 'link',
  node: nodeId('grid'),
  phase: 1,
  envelope: 'utility',
  capacity: 24,
  gainA: null,
  sharers: null,
  until: null,
};
const words = (because: Binding, history: readonly Told[]): string =>
  explainBinding(because, given([[0, configured(site)], ...history]));
const all: readonly Told[] = ['A', 'B', 'C'].flatMap((id) => commissioned(id));

it('says which limit binds, on which phase, and whose it is', () => {
  expect(words(link, all)).toBe('grid, 24 A on L2 for charging (limit of utility), is shared out in full.');
  expect(
    words(
      {
        ...link,
        kind: 'waiting',
        phase: null,
        envelope: 'rating',
        capacity: 4_000,
        gainA: null,
        sharers: null,
        until: null,
      },
      all,
    ),
  ).toBe('Waits for its turn: grid, 4 kW for charging, leaves less than the minimum current.');
});

it('names the stations that never connected and take room', () => {
  expect(words(link, commissioned('A'))).toContain(
    'B and 1 more have never connected and count at full rating',
  );
  expect(words(link, [...commissioned('A'), ...commissioned('B')])).toContain('C has never connected');
});
