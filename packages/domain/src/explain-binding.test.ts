import { connectorKey, nodeId, stationId } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import type { Binding } from './event-types.js';
import { explainBinding } from './explain-binding.js';
import type { Policy } from './site-config.js';
import { at, commissioned, configured, given, siteOf, started, type Told } from './testing.js';

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
const own1 = { connector: connectorKey(stationId('A'), 1), limitA: 6, minA: 6, stepA: 0.1 };
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
    return explainBinding(because, given([[0, configured(own)], ...all]), { ...own1, limitA });
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
      'on one of two phases that are full',
      { ...most, together: [1, 2] },
      { limitA: 7.5 },
      'grid, 24 A on L2 for charging, is full, and 1 A more on each of L2, L3 would go to 3 other cars first: who needs it more comes first (policy balanced).',
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

it('tells the share where a station is set in steps', () => {
  const stepped = explainBinding(
    { ...link, gainA: 0.4, sharers: 2 },
    given([[0, configured(site)], ...all]),
    {
      ...own1,
      limitA: 8,
      stepA: 1,
    },
  );
  expect(stepped).toContain(
    ' among 2 cars. 1 A more on grid, L2, would add 0.4 A to this car’s share; it is set in steps of 1 A.',
  );
});

describe('a car that the plan holds back', () => {
  const said = (
    assumed: { energyWh?: number | null; departKnown?: boolean; hours?: number } | null,
    unservedWh: number,
    limitA = 0,
  ): string => {
    const state = given([[0, configured(site)], ...all, [1, started('A', 'A:1')]]);
    const session = state.connectors.get(own1.connector)?.session?.id;
    if (session === undefined) throw new Error('no session');
    const { energyWh = 8_000, departKnown = true, hours = 3 } = assumed ?? {};
    const entry = {
      ...{ connector: own1.connector, session, beforeA: null, first: 0, limitA: [0, 16], wholeA: null },
      unservedWh,
      assumed: assumed && {
        ...{ departAt: at(hours * 3_600), departKnown, energyWh, wattsPerA: 230, efficiency: 1 },
      },
    };
    const plan = {
      ...{ site: state.site, at: at(0), basis: 0, epoch: 0, from: at(0), periodS: 900, periods: 16 },
      ...{ status: 'optimal' as const, objective: 0, energyCost: 0, demandCost: 0, sessions: [entry] },
      ...{ expected: [], battery: null, outlook: null },
    };
    const because: Binding = { kind: 'bound', bound: 'plan' };
    return explainBinding(because, { ...state, plan }, { ...own1, limitA });
  };

  it.each<[string, Parameters<typeof said>, RegExp]>([
    [
      'has all in time',
      [{}, 40],
      /^The plan charges it at another time; by its departure at \d\d:00 it will have all that it needs\.$/,
    ],
    [
      'is short',
      [{}, 5_700],
      /^The plan charges it at another time; even so, by its departure at \d\d:00 it will be short by 5\.7 kWh\.$/,
    ],
    [
      'has nothing of it',
      [{}, 8_000],
      /^The plan has no room for it: by its departure at \d\d:00 it will be short by 8 kWh\.$/,
    ],
    ['has a little now', [{}, 0, 7], /^The plan gives it no more at this time; by its departure/],
    [
      'leaves nobody knows when',
      [{ departKnown: false }, 0],
      /by \d\d:00, when it is taken to leave, it will have/,
    ],
    [
      'stays for longer',
      [{ hours: 9 }, 900],
      /by \d\d:00, where the plan ends, it will be short by 0\.9 kWh/,
    ],
    ['needs nobody knows what', [{ energyWh: null }, 0], /^The plan charges it at another time\.$/],
    ['is of an old plan', [null, 0], /^The plan charges it at another time\.$/],
  ])('%s', (_, args, text) => {
    expect(said(...args)).toMatch(text);
  });

  it('says nothing of a plan for somebody else', () => {
    expect(words({ kind: 'bound', bound: 'plan' }, all)).toBe('The plan charges it at another time.');
  });
});

it('names lines of a transformer, legs of a delta, and the difference between phases', () => {
  const delta = siteOf({
    nodes: [
      { id: 'grid', transformer: { secondaryA: [180, 180, 180], primaryA: [90, 90, 90], ratio: 4 } },
      // As the limit of a panel is compiled.
      {
        ...{ id: 'panel', parent: 'grid', reserveA: 2 },
        transformer: { secondaryA: [100, 100, 100], primaryA: null, ratio: 1 },
      },
    ],
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
    'grid, 24 A on line B of the transformer’s primary side, is shared out in full.' +
      ' 1 A more on grid, line B of the transformer’s primary side, would give this car 1.5 A.',
  );
  expect(inDelta({ ...link, envelope: 'rating', line: 'unbalance', phase: 0, capacity: 20 })).toBe(
    'grid, at most 20 A between its phases, is reached.',
  );
  const uneven = {
    ...link,
    envelope: 'rating',
    line: 'unbalance',
    capacity: 20,
    gainA: 1,
    sharers: 2,
  } as const;
  expect(inDelta(uneven)).toBe(
    'grid, at most 20 A between its phases, is reached. 1 A more of difference between the phases of grid would give this car 1 A.',
  );
  expect(inDelta({ ...uneven, gainA: 0, sharers: 1 })).toContain(
    'is reached, and 1 A more of that difference would go to another car first',
  );
  const panel = { ...link, node: nodeId('panel'), envelope: 'rating', line: 'secondary' } as const;
  expect(inDelta({ ...panel, gainA: 1 })).toBe(
    'panel, 24 A on line B beside the reserve, is shared out in full. 1 A more on panel, line B, would give this car 1 A.',
  );
  expect(inDelta({ ...panel, gainA: 1, together: [0, 1] })).toContain('on panel, each of lines A, B, would');
  expect(inDelta(link)).toContain('24 A on leg BC for charging (limit of utility on the lines),');
});
