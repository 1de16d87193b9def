import { stationId } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import { countedLoads, type DomainEvent, ledgerInput, mayHoldA, topologyOf } from './index.js';
import {
  answered,
  at,
  booted,
  commissioned,
  configured,
  connected,
  disconnected,
  ended,
  given,
  granted,
  key,
  metered,
  requested,
  siteOf,
  started,
  status,
  type Told,
} from './testing.js';

const site = siteOf({ nodes: [{ id: 'grid', limitA: 80 }], stations: [{ id: 'A', node: 'grid' }] });

function holdAt(history: readonly Told[], seconds: number): number {
  const state = given([[0, configured(site)], ...history]);
  const placed = topologyOf(state.config).byKey.get(key('A'));
  if (!placed) throw new Error('no connector');
  return mayHoldA(ledgerInput(state, placed), at(seconds));
}

const small = siteOf({
  nodes: [{ id: 'grid', limitA: 80 }],
  stations: [{ id: 'A', node: 'grid', connectors: [{ maxA: 16 }] }],
});
const clearAll: DomainEvent = {
  type: 'CallRequested',
  data: {
    station: stationId('A'),
    call: 'clear',
    action: 'ClearChargingProfile',
    payload: {},
    grants: [],
    clears: 'all',
    by: 'operator',
    basis: 0,
    epoch: 0,
    timeoutS: 20,
  },
};
const charging: readonly Told[] = [...commissioned('A'), [1, started('A', 't1')]];
const lease16: readonly Told[] = [
  ...charging,
  ...granted(2, 'g1', { station: 'A', transaction: 't1', limitA: 16, tailA: 6, leaseEndsS: 600 }),
];

describe('what a station may be holding', () => {
  const cases: readonly [string, readonly Told[], number, number][] = [
    ['a station that never connected counts in full', [], 0, 32],
    ['so does one that has not accepted its default profile', [[0, connected('A')]], 1, 32],
    ['a commissioned one holds its default', commissioned('A'), 1, 0],
    [
      'a limit in flight counts before it is answered',
      [...charging, [2, requested('g', { station: 'A', transaction: 't1', limitA: 16 })]],
      2,
      16,
    ],
    ['an accepted one counts', lease16, 10, 16],
    ['a lease that is over has fallen to its tail', lease16, 606, 6],
    ['and not a moment before', lease16, 604, 16],
    [
      'a cut in flight frees nothing',
      [...lease16, [20, requested('g2', { station: 'A', transaction: 't1', limitA: 6 })]],
      21,
      16,
    ],
    [
      'an accepted cut does',
      [...lease16, ...granted(20, 'g2', { station: 'A', transaction: 't1', limitA: 6 })],
      21,
      6,
    ],
    [
      'a rejected cut leaves the limit before it',
      [
        ...lease16,
        [20, requested('g2', { station: 'A', transaction: 't1', limitA: 6 })],
        [21, answered('A', 'g2', 'result', 'Rejected')],
      ],
      22,
      16,
    ],
    [
      'a raise without an answer may be held',
      [
        ...lease16,
        [20, requested('g2', { station: 'A', transaction: 't1', limitA: 32 })],
        [40, answered('A', 'g2', 'timeout')],
      ],
      41,
      32,
    ],
    [
      'also after a later one is accepted: a slow station may still act on it',
      [
        ...lease16,
        [20, requested('g2', { station: 'A', transaction: 't1', limitA: 32 })],
        [40, answered('A', 'g2', 'timeout')],
        ...granted(50, 'g3', { station: 'A', transaction: 't1', limitA: 8 }),
      ],
      51,
      32,
    ],
    [
      'until one is accepted when it cannot any more',
      [
        ...lease16,
        [20, requested('g2', { station: 'A', transaction: 't1', limitA: 32 })],
        [40, answered('A', 'g2', 'timeout')],
        ...granted(140, 'g3', { station: 'A', transaction: 't1', limitA: 8 }),
      ],
      141,
      8,
    ],
    [
      'a raise that never left is not held',
      [
        ...lease16,
        [20, requested('g2', { station: 'A', transaction: 't1', limitA: 32 })],
        [40, answered('A', 'g2', 'unsent')],
      ],
      41,
      16,
    ],
    [
      'an error that may hide an effect leaves it possible',
      [
        ...lease16,
        [20, requested('g2', { station: 'A', transaction: 't1', limitA: 32 })],
        [40, answered('A', 'g2', 'error', 'InternalError')],
      ],
      41,
      32,
    ],
    ['offline, the lease runs on', [...lease16, [30, disconnected('A')]], 500, 16],
    ['and ends', [...lease16, [30, disconnected('A')]], 700, 6],
    ['the end of the session ends its limit', [...lease16, [30, ended('A', 't1')]], 31, 0],
    ['a reboot changes nothing at first', [...lease16, [30, booted('A')]], 31, 16],
    ['a reboot without a new default profile counts in full', [...lease16, [30, booted('A')]], 91, 32],
    [
      'a draw above the limit marks it as disobeying: in full',
      [
        ...lease16,
        [100, metered('A', [20, 20, 20])],
        [101, { type: 'ConnectorDisobeyed', data: { connector: key('A'), drawA: 20, heldA: 16 } }],
      ],
      102,
      32,
    ],
    [
      'but not while no car can be there',
      [
        ...charging,
        [2, ended('A', 't1')],
        [3, { type: 'ConnectorDisobeyed', data: { connector: key('A'), drawA: 20, heldA: 16 } }],
        [4, status('A', 'Available')],
      ],
      5,
      0,
    ],
    [
      'a stale answer of a dead connection changes nothing',
      [
        ...lease16,
        [30, requested('g2', { station: 'A', transaction: 't1', limitA: 32 })],
        [31, disconnected('A')],
        [32, connected('A', 'c2')],
      ],
      33,
      32,
    ],
    [
      'a station that boots, is not commissioned, and goes away counts in full',
      [...lease16, [30, booted('A')], [40, disconnected('A')]],
      200,
      32,
    ],
    [
      'boot after boot is one time of doubt',
      [...lease16, [30, booted('A')], [80, booted('A')], [130, booted('A')]],
      131,
      32,
    ],
    [
      'a reconnect does not make a slow clock right',
      [...lease16, [10, metered('A', [10, 10, 10]), -290], [20, connected('A', 'c2')]],
      700,
      16,
    ],
    [
      'a smaller rating in the file takes nothing back from a station',
      [
        ...charging,
        ...granted(2, 'g', { station: 'A', transaction: 't1', limitA: 32 }),
        [3, configured(small)],
      ],
      4,
      32,
    ],
    [
      'clearing the engine’s profiles counts in full from the request on',
      [...lease16, [30, clearAll]],
      31,
      32,
    ],
  ];
  it.each(cases)('%s', (_name, history, seconds, expected) => {
    expect(holdAt(history, seconds)).toBe(expected);
  });

  it('counts a lease as longer where the station’s clock is behind', () => {
    const late: Told = [3, metered('A', [10, 10, 10]), -297];
    expect(holdAt([...lease16, late], 700)).toBe(16);
    expect(holdAt([...lease16, late], 910)).toBe(6);
  });
});

describe('a station on one phase that nobody knows', () => {
  const hidden = siteOf({
    nodes: [{ id: 'grid', limitA: 80 }],
    stations: [
      { id: 'A', node: 'grid', connectors: [{ phases: [0, 1, 2], rotationKnown: false, wiredPhases: 1 }] },
    ],
  });
  const loads = (history: readonly Told[], seconds: number): readonly number[] => [
    ...countedLoads(given([[0, configured(hidden)], ...history]), at(seconds)).load,
  ];

  it('counts on each phase, and once in watts', () => {
    expect(loads([], 0)).toEqual([32, 32, 32, 32 * 230]);
    expect(loads(lease16, 3)).toEqual([16, 16, 16, 16 * 230]);
  });

  it('so does what it draws beyond its limit', () => {
    const over: Told = [60, metered('A', [20, null, null])];
    expect(loads([...lease16, over], 61)).toEqual([20, 20, 20, 20 * 230]);
  });
});
