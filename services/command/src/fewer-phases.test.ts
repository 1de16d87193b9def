// A car on three phases leaves two of them, at a station that takes its limit in watts: it may draw all of them on
// the one that is left.

import { countedA, ledgerInput, topologyOf } from '@ampledger/domain';
import {
  at,
  commissioned,
  configured,
  given,
  granted,
  key,
  metered,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import { stationId } from '@ampledger/kernel';
import { decideLimits } from '@ampledger/optimizer';
import { expect, it } from 'vitest';
import { callEvent } from './calls.js';
import { decide } from './decide.js';
import { obedience } from './obedience.js';

const config = siteOf({
  nodes: [{ id: 'grid', limitA: 40 }],
  stations: [{ id: 'A', node: 'grid' }],
});
const watts: Told = [
  1,
  {
    type: 'StationCapabilitiesRead',
    data: {
      station: stationId('A'),
      rateUnits: ['W'],
      maxStackLevel: null,
      maxPeriods: null,
      maxProfiles: null,
      phaseSwitching: null,
      connectorCount: null,
      raw: {},
    },
  },
];

it('counts at what it draws from its first reading on, and is told its minimum on one phase', () => {
  const left = given([
    [0, configured(config)],
    ...commissioned('A'),
    watts,
    [1, started('A', '17')],
    ...granted(2, 'g', { station: 'A', transaction: '17', limitA: 10, leaseEndsS: 900 }),
    ...[10, 45, 80].map((s): Told => [s, metered('A', [10, 10, 10])]),
    [110, metered('A', [30, 0, 0])],
  ]);
  const placed = topologyOf(config).byKey.get(key('A'));
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
