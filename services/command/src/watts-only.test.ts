// Stations that take watts alone: what they are told against what the ledger counts, also when a car on three phases
// leaves two of them and may draw all of its watts on the one that is left.

import { countedA, countedLoad, ledgerInput, sumOfA, topologyOf } from '@ampledger/domain';
import {
  at,
  capable,
  commissioned,
  configured,
  given,
  granted,
  key,
  metered,
  SITE,
  siteOf,
  started,
  status,
  type Told,
} from '@ampledger/domain/testing';
import { decideLimits } from '@ampledger/optimizer';
import { expect, it } from 'vitest';
import { callEvent } from './calls.js';
import { decide } from './decide.js';
import { obedience } from './obedience.js';

const watts: Told = [1, capable('A', ['W'])];
const threePhases = siteOf({ nodes: [{ id: 'grid', limitA: 40 }], stations: [{ id: 'A', node: 'grid' }] });
const give = (s: number, limitA: number): Told => [
  s,
  {
    type: 'LimitsAllocated',
    data: {
      site: SITE,
      at: at(s),
      basis: 0,
      epoch: 0,
      allocations: [
        { connector: key('A'), limitA, fairA: null, because: { kind: 'bound', bound: 'maximum' } },
      ],
    },
  },
];
const callAt = (history: readonly Told[], s: number) => {
  const state = given(history);
  const { planned, room } = decide(state, at(s));
  return planned.map((one) => callEvent(one, { state, now: at(s), room }));
};

it('another car in the same transaction is not told watts for the phases of the one before', () => {
  const config = siteOf({ nodes: [{ id: 'grid', limitA: 40 }], stations: [{ id: 'A', node: 'grid' }] });
  const calls = callAt(
    [
      [0, configured(config)],
      ...commissioned('A'),
      watts,
      [1, started('A', '17')],
      ...granted(2, 'g', { station: 'A', transaction: '17', limitA: 10, leaseEndsS: 900 }),
      ...[10, 45, 80].map((s): Told => [s, metered('A', [10, 10, 10])]),
      [100, status('A', 'Preparing')],
      give(101, 16),
    ],
    102,
  );
  const [call] = calls;
  if (call?.type !== 'CallRequested') throw new Error('no call');
  expect(JSON.stringify(call.data.payload)).toContain(`"limit":${16 * 230}`);
});

it('what a car on two legs of a delta is told in watts is counted in watts', () => {
  const config = siteOf({
    nodes: [{ id: 'grid', limitW: 20 * 208 * 2 }],
    stations: [{ id: 'A', node: 'grid' }],
    site: { wiring: 'delta', voltageV: 208 },
  });
  const lines = [10, Math.sqrt(300), 10] as const;
  const history: Told[] = [
    [0, configured(config)],
    ...commissioned('A'),
    watts,
    [1, started('A', '17')],
    ...granted(2, 'g', { station: 'A', transaction: '17', limitA: 18, leaseEndsS: 900 }),
    ...[10, 45, 80].map((s): Told => [s, metered('A', lines)]),
    give(101, 20),
  ];
  const [call] = callAt(history, 102);
  if (call?.type !== 'CallRequested') throw new Error('no call');
  const state = given([...history, [102, call]]);
  const placed = topologyOf(config).byKey.get(key('A'));
  if (!placed) throw new Error();
  const countedW = 208 * sumOfA(countedLoad(ledgerInput(state, placed), at(102)));
  const json = JSON.stringify(call.data.payload);
  const told = Number(/"limit":([\d.]+)/.exec(json)?.[1]);
  expect(told).toBeLessThanOrEqual(countedW + 1);
});

it('counts at what it draws from its first reading on, and is told its minimum on one phase', () => {
  const left = given([
    [0, configured(threePhases)],
    ...commissioned('A'),
    watts,
    [1, started('A', '17')],
    ...granted(2, 'g', { station: 'A', transaction: '17', limitA: 10, leaseEndsS: 900 }),
    ...[10, 45, 80].map((s): Told => [s, metered('A', [10, 10, 10])]),
    [110, metered('A', [30, 0, 0])],
  ]);
  const placed = topologyOf(threePhases).byKey.get(key('A'));
  if (placed === undefined) throw new Error('no A');
  expect(countedA(ledgerInput(left, placed), at(110))[0]).toBe(30);
  const found = obedience(left, key('A'));
  expect(found).toMatchObject({ type: 'ConnectorDisobeyed', data: { drawA: 30, heldA: 10 } });
  if (found === null) throw new Error('not found');
  const reported = given([[110, found]], left);
  const limits = decideLimits(reported, at(111));
  if (limits === null) throw new Error('no limits');
  const state = given([[111, { type: 'LimitsAllocated', data: limits }]], reported);
  const { planned, room } = decide(state, at(112));
  const calls = planned.map((one) => callEvent(one, { state, now: at(112), room }));
  expect(calls).toMatchObject([
    {
      data: {
        payload: {
          csChargingProfiles: {
            chargingSchedule: { chargingSchedulePeriod: [{ limit: 1380, numberPhases: 1 }, {}] },
          },
        },
      },
    },
  ]);
});
