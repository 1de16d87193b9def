// Calls as they are put on the bus, and those that are refused with a reason.

import type { DomainEvent, SiteState } from '@ampledger/domain';
import {
  at,
  commissioned,
  configured,
  connected,
  disconnected,
  given,
  granted,
  key,
  metered,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import { siteId, stationId } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import { callEvent } from './calls.js';
import { decide } from './decide.js';

const site = siteOf({
  nodes: [{ id: 'grid', limitA: 32 }],
  stations: ['A', 'B'].map((id) => ({ id, node: 'grid' })),
  control: { raiseIntervalS: 3_600 },
});
const known = (
  id: string,
  rateUnits: readonly ('A' | 'W')[] = ['A'],
  phaseSwitching: boolean | null = null,
): Told => [
  1,
  {
    type: 'StationCapabilitiesRead',
    data: {
      station: stationId(id),
      rateUnits,
      maxStackLevel: null,
      maxPeriods: null,
      maxProfiles: null,
      phaseSwitching,
      connectorCount: null,
      raw: {},
    },
  },
];
const asked = (atS: number, action: string, payload: Record<string, never> | object): Told => [
  atS,
  {
    type: 'OperatorCallRequested',
    data: { station: stationId('A'), call: 'op', action, payload: payload as Record<string, never> },
  },
];
const wants = (limits: Record<string, number>): Told => [
  3,
  {
    type: 'LimitsAllocated',
    data: {
      site: siteId('test'),
      at: at(3),
      basis: 0,
      epoch: 0,
      allocations: Object.entries(limits).map(([id, limitA]) => ({
        connector: key(id),
        limitA,
        fairA: null,
        because: { kind: 'bound', bound: 'maximum' } as const,
      })),
    },
  },
];
const base: readonly Told[] = [
  [0, configured(site)],
  ...commissioned('A'),
  ...commissioned('B'),
  known('A'),
  known('B'),
];
const full: readonly Told[] = [
  ...base,
  [1, started('B', 't')],
  ...granted(2, 'g', { station: 'B', transaction: 't', limitA: 32 }),
  wants({ B: 32 }),
];

function eventsAt(history: readonly Told[], seconds: number): readonly DomainEvent[] {
  const state: SiteState = given(history);
  const { planned, room } = decide(state, at(seconds));
  return planned.flatMap((plan) => callEvent(plan, { state, now: at(seconds), room }) ?? []);
}

const profile = (stackLevel: number, limit: number) => ({
  connectorId: 1,
  csChargingProfiles: {
    chargingProfileId: 5,
    stackLevel,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: {
      startSchedule: '2026-01-05T08:00:00Z',
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ startPeriod: 0, limit }],
    },
  },
});

describe('what an operator asks for', () => {
  const refusals: readonly [string, readonly Told[], RegExp][] = [
    [
      'a profile that there is no room for',
      [...full, asked(5, 'SetChargingProfile', profile(1, 10))],
      /grid has 10 A on L1 too little/,
    ],
    [
      'clearing our profiles where there is no room for the full rating',
      [...full, asked(5, 'ClearChargingProfile', {})],
      /hold 32 A/,
    ],
    [
      'a profile at our stack level',
      [...base, asked(5, 'SetChargingProfile', profile(0, 10))],
      /engine's own/,
    ],
    [
      'a profile for a transaction that does not run yet',
      [...base, asked(5, 'RemoteStartTransaction', { idTag: 'x', chargingProfile: {} })],
      /when it runs/,
    ],
  ];
  it.each(refusals)('is refused: %s', (_name, history, reason) => {
    expect(eventsAt(history, 6)).toMatchObject([
      { type: 'OperatorCallRefused', data: { reason: expect.stringMatching(reason) } },
    ]);
  });

  it('counts like our own where there is room', () => {
    const [event] = eventsAt([...base, asked(5, 'SetChargingProfile', profile(1, 10))], 6);
    expect(event).toMatchObject({
      type: 'CallRequested',
      data: { by: 'operator', grants: [{ connector: key('A'), limitA: 10 }] },
    });
  });

  it('is not sent long after anybody waits for it', () => {
    expect(eventsAt([...base, asked(5, 'Reset', { type: 'Hard' })], 6)).toHaveLength(1);
    expect(eventsAt([...base, asked(5, 'Reset', { type: 'Hard' })], 66)).toEqual([]);
    const away: readonly Told[] = [
      [7, disconnected('A')],
      [8, connected('A', 'c2')],
    ];
    expect(eventsAt([...base, asked(5, 'Reset', { type: 'Hard' }), ...away], 9)).toEqual([]);
  });
});

describe('limits', () => {
  it('a station that comes back in another version ends nothing but its own transaction', () => {
    const other: Told = [
      5,
      {
        type: 'StationConnected',
        data: { station: stationId('A'), connection: 'c2', protocol: 'ocpp2.0.1', remote: '127.0.0.1' },
      },
    ];
    const history: readonly Told[] = [...base, [2, started('A', '17')], wants({ A: 16 }), other];
    expect(given(history).connectors.get(key('A'))?.session).toBeNull();
    expect(eventsAt(history, 6)).toEqual([]);
  });

  it('a raise that waits for its time does not keep the lease from being renewed', () => {
    const history: readonly Told[] = [
      ...base,
      [1, started('A', '17')],
      ...granted(2, 'g', { station: 'A', transaction: '17', limitA: 10, tailA: 0, leaseEndsS: 602 }),
      wants({ A: 20 }),
    ];
    expect(eventsAt(history, 500)).toMatchObject([
      { type: 'CallRequested', data: { grants: [{ limitA: 10 }] } },
    ]);
  });

  it('no limit is made of what a station only counts at', () => {
    const counted: Told = [
      4,
      {
        type: 'LimitsAllocated',
        data: {
          site: siteId('test'),
          at: at(4),
          basis: 0,
          epoch: 0,
          allocations: [
            {
              connector: key('A'),
              limitA: 32,
              fairA: null,
              because: { kind: 'bound', bound: 'not-commissioned' },
            },
          ],
        },
      },
    ];
    expect(eventsAt([...base, [2, started('A', '17')], counted], 5)).toEqual([]);
  });

  it('watts are for one phase until the meter has shown more', () => {
    const watts: readonly Told[] = [
      [0, configured(site)],
      ...commissioned('A'),
      ...commissioned('B'),
      known('A', ['W']),
      [1, started('A', '17')],
      wants({ A: 10 }),
    ];
    const limitOf = (history: readonly Told[]): unknown =>
      eventsAt(history, 400).flatMap(({ data }) => JSON.stringify(data).match(/"limit":(\d+)/)?.[1] ?? []);
    expect(limitOf(watts)).toEqual(['2300']);
    const seen: Told = [
      300,
      {
        type: 'MeterSampled',
        data: {
          station: stationId('A'),
          evseId: 1,
          session: null,
          currentA: [3.3, 3.3, 3.3],
          powerW: null,
          energyWh: null,
          socPct: null,
          remarks: [],
        },
      },
    ];
    expect(limitOf([...watts, seen])).toEqual(['6900']);
    const fewer: Told = [310, metered('A', [9, 0, 0])];
    const again: Told = [320, metered('A', [5, 5, 5])];
    expect(limitOf([...watts, seen, [305, metered('A', [9, 9, 9])], fewer])).toEqual(['2300']);
    // It may do so again.
    expect(limitOf([...watts, [305, metered('A', [9, 9, 9])], fewer, again])).toEqual(['2300']);
    // A pause is none of that.
    expect(
      limitOf([...watts, [305, metered('A', [9, 9, 9])], [310, metered('A', [0, 0, 0])], again]),
    ).toEqual(['6900']);
    expect(limitOf([...watts, known('A', ['W'], true), seen])).toEqual(['2300']);
  });

  it('watts are for the one phase that a connector has, whichever it is', () => {
    const unknown = siteOf({
      nodes: [{ id: 'grid', limitA: 32 }],
      stations: [{ id: 'A', node: 'grid', connectors: [{ rotationKnown: false, wiredPhases: 1 }] }],
    });
    const history = (units: readonly ('A' | 'W')[]): readonly Told[] => [
      [0, configured(unknown)],
      ...commissioned('A'),
      known('A', units),
      [1, started('A', '17')],
      ...granted(2, 'g', { station: 'A', transaction: '17', limitA: 10 }),
      [5, metered('A', [8, null, null])],
      wants({ A: 12 }),
    ];
    expect(sent(history(['W']), 300)).toEqual([{ unit: 'W', startPeriod: 0, limit: 2760, numberPhases: 1 }]);
    expect(sent(history(['A']), 300)).toEqual([{ unit: 'A', startPeriod: 0, limit: 12, numberPhases: 1 }]);
  });

  it.each([
    ['order of its phases is not known', { rotationKnown: false } as const],
    ['meter may name the grid’s phases or its own', { phases: [1, 2] } as const],
  ])('watts are for the one phase that a car was seen on, where the %s', (_, connector) => {
    const history: readonly Told[] = [
      [
        0,
        configured(
          siteOf({
            nodes: [{ id: 'grid', limitA: 32 }],
            stations: [{ id: 'A', node: 'grid', connectors: [connector] }],
          }),
        ),
      ],
      ...commissioned('A'),
      known('A', ['W']),
      [1, started('A', '17')],
      ...granted(2, 'g', { station: 'A', transaction: '17', limitA: 10 }),
      [5, metered('A', [0, 8, 0])],
      wants({ A: 12 }),
    ];
    expect(sent(history, 300)).toEqual([expect.objectContaining({ unit: 'W', limit: 2760 })]);
  });

  const dcSite = siteOf({
    nodes: [{ id: 'grid', limitA: 500 }],
    stations: [{ id: 'A', node: 'grid', connectors: [{ maxA: 250, current: 'dc', efficiency: 0.94 }] }],
  });
  const dcHistory = (units: readonly ('A' | 'W')[], limitA = 100): readonly Told[] => [
    [0, configured(dcSite)],
    ...commissioned('A'),
    known('A', units),
    [1, started('A', '17')],
    wants({ A: limitA }),
  ];
  const sent = (history: readonly Told[], atS = 5): readonly object[] =>
    eventsAt(history, atS).flatMap((event) => {
      if (event.type !== 'CallRequested' || event.data.action !== 'SetChargingProfile') return [];
      const { chargingSchedule } = event.data.payload.csChargingProfiles as {
        chargingSchedule: { chargingRateUnit: string; chargingSchedulePeriod: { limit: number }[] };
      };
      const [period] = chargingSchedule.chargingSchedulePeriod;
      return [{ unit: chargingSchedule.chargingRateUnit, ...period }];
    });

  it.each([
    ['says nothing', []],
    ['takes both', ['A', 'W']],
    ['takes watts', ['W']],
  ] as const)('a DC station that %s is told the watts at the car', (_, units) => {
    expect(sent(dcHistory(units))).toEqual([{ unit: 'W', startPeriod: 0, limit: 64_860 }]);
  });

  it('a DC station that takes amperes only is told those of the highest voltage', () => {
    const history = dcHistory(['A']);
    expect(sent(history)).toEqual([{ unit: 'A', startPeriod: 0, limit: 64.8 }]);
    expect(eventsAt(history, 5)).toMatchObject([{ data: { grants: [{ limitA: (64.8 * 1000) / 648.6 }] } }]);
  });

  it('nobody is told to feed back', () => {
    const history: readonly Told[] = [
      ...base,
      [1, started('A', '17')],
      ...granted(2, 'g', { station: 'A', transaction: '17', limitA: 10, tailA: 0, leaseEndsS: 602 }),
      wants({ A: -16 }),
    ];
    expect(eventsAt(history, 4)).toMatchObject([{ data: { grants: [{ limitA: 0 }] } }]);
  });

  it('a car that said what it wants gets a profile, though it is the one it has', () => {
    const needs: Told = [
      20,
      {
        type: 'ChargingNeedsNotified',
        data: {
          station: stationId('A'),
          evseId: 1,
          session: null,
          source: 'iso15118',
          energyWh: 20_000,
          departAt: null,
          minA: null,
          maxA: null,
        },
      },
    ];
    const history: readonly Told[] = [
      ...base,
      [1, started('A', '17')],
      ...granted(4, 'g', { station: 'A', transaction: '17', limitA: 10, tailA: 0, leaseEndsS: 604 }),
      wants({ A: 10 }),
    ];
    expect(eventsAt([...history, needs], 24)).toEqual([]);
    expect(eventsAt([...history, needs], 26)).toMatchObject([{ data: { grants: [{ limitA: 10 }] } }]);
    expect(eventsAt(history, 26)).toEqual([]);
  });
});
