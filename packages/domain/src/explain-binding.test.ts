import { nodeId } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import type { Binding } from './event-types.js';
import { explainBinding } from './explain-binding.js';
import type { Policy } from './site-config.js';
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

it('says what more room would give, among how many it is shared, and until when', () => {
  const shared: Binding = { ...link, gainA: 0.416, sharers: 5, until: Date.UTC(2026, 0, 5, 17) };
  expect(words(shared, all)).toBe(
    'grid, 24 A on L2 for charging (limit of utility), is shared out in full among 5 cars.' +
      ' 1 A more on grid, L2, would give this car 0.42 A. It is shared out anew at 18:00 at the latest.',
  );
  expect(words({ ...shared, phase: null, capacity: 11_000, gainA: 0.000_29, until: null }, all)).toContain(
    '11 kW for charging (limit of utility), is shared out in full among 5 cars. 1 kW more on grid would give this car 0.29 A.',
  );
});

describe('a car that more room would not help', () => {
  const most: Binding = { ...link, envelope: 'rating', gainA: 0.001, sharers: 3 };
  const said = (
    because: Binding,
    options: { limitA?: number; policy?: Policy; priority?: number } = {},
  ): string => {
    const { limitA = 6, policy = 'balanced', priority } = options;
    const first = priority === undefined ? {} : { connectors: [{ priority }] };
    const stations = ['A', 'B', 'C'].map((id) => ({ id, node: 'grid', ...(id === 'A' ? first : {}) }));
    const own = siteOf({ nodes: [{ id: 'grid', limitA: 63 }], stations, site: { policy } });
    return explainBinding(because, given([[0, configured(own)], ...all]), { limitA, minA: 6 });
  };

  it.each<[string, Binding, Parameters<typeof said>[1], string]>([
    [
      'at its minimum',
      most,
      {},
      'At its minimum of 6 A: grid, 24 A on L2 for charging, is full, and 1 A more there would go to 3 other cars first: who needs it more comes first (policy balanced).',
    ],
    [
      'above it',
      { ...most, sharers: 1 },
      { limitA: 7.5, policy: 'urgent' },
      'grid, 24 A on L2 for charging, is full, and 1 A more there would go to another car first: who can wait less comes first (policy urgent).',
    ],
    [
      'below others by priority',
      most,
      { priority: 5, policy: 'fair' },
      'At its minimum of 6 A: grid, 24 A on L2 for charging, is full, and 1 A more there would go to 3 other cars first: by priority or policy (policy fair).',
    ],
    [
      'behind several limits',
      { ...most, phase: null, capacity: 11_000, gainA: 0, sharers: 0 },
      { limitA: 8 },
      'grid, 11 kW for charging, is full, and so are other limits: 1 kW more there would help no car.',
    ],
    [
      'at its minimum, which more would raise',
      { ...most, gainA: 0.5, sharers: 2 },
      {},
      'At its minimum of 6 A: grid, 24 A on L2 for charging, is shared out in full among 2 cars. 1 A more on grid, L2, would give this car 0.5 A.',
    ],
    [
      'at its minimum, of which nobody looked',
      { ...most, gainA: null, sharers: null },
      {},
      'At its minimum of 6 A: grid, 24 A on L2 for charging, is shared out in full (policy balanced).',
    ],
  ])('%s', (_, because, options, text) => {
    expect(said(because, options)).toBe(text);
  });
});

it('names lines of a transformer, legs of a delta, and the difference between phases', () => {
  const delta = siteOf({
    nodes: [{ id: 'grid', transformer: { secondaryA: [180, 180, 180], primaryA: null, ratio: 4 } }],
    stations: [{ id: 'A', node: 'grid' }],
    site: { wiring: 'delta', voltageV: 208 },
  });
  const inDelta = (because: Binding): string =>
    explainBinding(because, given([[0, configured(delta)], ...commissioned('A')]));
  expect(inDelta({ ...link, envelope: 'rating' })).toBe(
    'grid, 24 A on leg BC for charging, is shared out in full.',
  );
  expect(inDelta({ ...link, envelope: 'rating', line: 'primary', gainA: 1.5, together: [0, 2] })).toContain(
    ', each of lines A, C of the transformer’s primary side, would give this car 1.5 A.',
  );
  expect(inDelta({ ...link, envelope: 'rating', line: 'primary', gainA: 1.5 })).toBe(
    'grid, 24 A on line B of the transformer’s primary side for charging, is shared out in full.' +
      ' 1 A more on grid, line B of the transformer’s primary side, would give this car 1.5 A.',
  );
  expect(inDelta({ ...link, envelope: 'rating', line: 'unbalance', phase: 0, capacity: 20 })).toBe(
    'grid, at most 20 A between its phases for charging, is shared out in full.',
  );
});
