import { nodeId, siteId, stationId } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import type { DomainEvent } from './event-types.js';
import {
  deserializeState,
  envelopeState,
  linkCapacities,
  serializeState,
  siteView,
  upcast,
} from './index.js';
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
  session,
  siteOf,
  started,
  status,
  type Told,
} from './testing.js';

const site = siteOf({
  nodes: [
    { id: 'grid', limitA: 80, limitW: 50_000, reserveA: 2 },
    {
      id: 'panel',
      parent: 'grid',
      limitA: 40,
      unmanaged: { kind: 'metered', maxA: [20, 20, 20], staleAfterS: 60 },
    },
  ],
  stations: [{ id: 'A', node: 'panel', connectors: [{ phases: [1, 2, 0] }, { phases: [2] }] }],
});
const start: readonly Told[] = [[0, configured(site)], ...commissioned('A', { evseIds: [1, 2] })];
const connectorAfter = (history: readonly Told[], evseId = 1) =>
  given([...start, ...history]).connectors.get(key('A', evseId));

const sample = (data: Partial<Extract<DomainEvent, { type: 'MeterSampled' }>['data']>): DomainEvent => ({
  type: 'MeterSampled',
  data: {
    station: stationId('A'),
    evseId: 1,
    session: null,
    currentA: null,
    powerW: null,
    energyWh: null,
    socPct: null,
    remarks: [],
    ...data,
  },
});

describe('sessions', () => {
  it('begin, collect energy, and end', () => {
    const state = given([
      ...start,
      [1, started('A', 't1')],
      [60, sample({ session: session('A', 't1'), energyWh: 500 })],
      [90, ended('A', 't1')],
    ]);
    expect(state.connectors.get(key('A'))?.session).toBeNull();
    expect(siteView(state, at(91)).recentSessions).toMatchObject([
      { transaction: 't1', energyWh: 500, endedAt: at(90) },
    ]);
  });

  it('a start that is heard twice changes nothing', () => {
    expect(
      connectorAfter([
        [1, started('A', 't1')],
        [5, started('A', 't1')],
      ])?.session?.startedAt,
    ).toBe(at(1));
  });

  it('a replayed update does not bring an ended session back', () => {
    const update: DomainEvent = {
      type: 'SessionUpdated',
      data: {
        station: stationId('A'),
        evseId: 1,
        session: session('A', 't1'),
        transaction: 't1',
        seqNo: 3,
        status: 'Charging',
      },
    };
    expect(
      connectorAfter([
        [1, started('A', 't1')],
        [5, ended('A', 't1')],
        [6, update],
      ])?.session,
    ).toBeNull();
    expect(connectorAfter([[6, update]])?.session?.transaction).toBe('t1');
  });

  it('a replayed start of an older session does not end the one that runs', () => {
    const history: readonly Told[] = [
      [100, started('A', 't2'), 100],
      [101, started('A', 't1'), 20],
    ];
    expect(connectorAfter(history)?.session?.transaction).toBe('t2');
  });

  it('an OCPP 1.6 connector without a car has no session; the end that is heard later still counts', () => {
    const history: readonly Told[] = [
      ...start,
      [1, started('A', 't1'), 1],
      [50, status('A', 'Available'), 50],
      [60, { ...ended('A', 't1'), data: { ...ended('A', 't1').data, meterStopWh: 700 } } as DomainEvent],
    ];
    const state = given(history);
    expect(state.connectors.get(key('A'))?.session).toBeNull();
    expect(siteView(state, at(61)).recentSessions).toMatchObject([
      { transaction: 't1', energyWh: 700, endedAt: at(50) },
    ]);
  });

  it('a status from before the session began does not end it', () => {
    expect(
      connectorAfter([
        [10, started('A', 't1'), 10],
        [11, status('A', 'Available'), 5],
      ])?.session?.transaction,
    ).toBe('t1');
  });

  it('a session begins without what the one before it was allocated', () => {
    const config = siteOf({ nodes: [{ id: 'grid', limitA: 64 }], stations: [{ id: 'A', node: 'grid' }] });
    const allocations = [
      { connector: key('A'), limitA: 32, fairA: 20, because: { kind: 'bound', bound: 'maximum' } } as const,
    ];
    const allocated = { site: config.id, at: at(2), basis: 0, epoch: 0, allocations };
    const first: readonly Told[] = [
      [0, configured(config)],
      ...commissioned('A'),
      [1, started('A', 't1')],
      [2, { type: 'LimitsAllocated', data: allocated }],
    ];
    expect(connectorAfter(first)?.allocation?.limitA).toBe(32);
    const { allocation, turn } = connectorAfter([...first, [3600, started('A', 't2')]]) ?? {};
    expect({ allocation, on: turn?.on }).toEqual({ allocation: null, on: false });
  });

  it('a start without the end of the one before ends that one', () => {
    const state = given([...start, [1, started('A', 't1'), 1], [50, started('A', 't2'), 50]]);
    expect(state.connectors.get(key('A'))?.session?.transaction).toBe('t2');
    expect(state.recentSessions.map((s) => s.transaction)).toEqual(['t1']);
  });
});

describe('meters', () => {
  it('put the station’s phases on the grid’s', () => {
    expect(connectorAfter([[1, metered('A', [10, 11, 12])]])?.meter?.drawA).toEqual([12, 10, 11]);
    expect(connectorAfter([[1, metered('A', [10, null, null], 2)]], 2)?.meter?.drawA).toEqual([0, 0, 10]);
  });
  it('work out currents from power where there are none', () => {
    expect(connectorAfter([[1, sample({ powerW: 6900 })]])?.meter?.drawA).toEqual([10, 10, 10]);
  });
  it('an older sample never takes the place of a newer one', () => {
    const history: readonly Told[] = [
      [100, metered('A', [16, 16, 16]), 100],
      [101, metered('A', [6, 6, 6]), 90],
    ];
    expect(connectorAfter(history)?.meter?.drawA).toEqual([16, 16, 16]);
  });
  it('a sample that was buffered is history', () => {
    expect(connectorAfter([[1000, metered('A', [16, 16, 16]), 100]])?.meter).toBeNull();
  });
  it('what a station says it took while offline is history', () => {
    expect(connectorAfter([[100, sample({ powerW: 6900, remarks: ['offline'] })]])?.meter).toBeNull();
  });
  it('a clock that was never set does not hide the present', () => {
    expect(connectorAfter([[100, metered('A', [16, 16, 16]), -1.7e9]])?.meter?.drawA).toEqual([16, 16, 16]);
  });
});

describe('clocks', () => {
  const samples = (count: number, ageS: number): readonly Told[] =>
    Array.from(
      { length: count },
      (_, i): Told => [100 + 30 * i, metered('A', [16, 16, 16]), 100 + 30 * i - ageS],
    );
  it('that are slow are found out by stamps that keep their age', () => {
    expect(connectorAfter(samples(2, 120))?.meter).toBeNull();
    expect(connectorAfter(samples(3, 120))?.meter?.drawA).toEqual([16, 16, 16]);
  });
  it('that are a day ahead once do not hide what follows', () => {
    const history: readonly Told[] = [
      [100, metered('A', [6, 6, 6]), 86_500],
      [130, metered('A', [16, 16, 16]), 130],
    ];
    expect(connectorAfter(history)?.meter?.drawA).toEqual([16, 16, 16]);
  });
  it('that were never set put no starts in order', () => {
    expect(
      connectorAfter([
        [10, started('A', 't0'), 10],
        [520, started('A', 't1'), -1.7e9],
      ])?.session?.transaction,
    ).toBe('t1');
  });
  it('a replayed start beside a session without a stamp is history', () => {
    const update: DomainEvent = {
      type: 'SessionUpdated',
      data: {
        station: stationId('A'),
        evseId: 1,
        session: session('A', 't1'),
        transaction: 't1',
        seqNo: 3,
        status: null,
      },
    };
    const history: readonly Told[] = [
      [10, update],
      [12, started('A', 't0'), -500],
      [12, ended('A', 't0'), -400],
    ];
    expect(connectorAfter(history)?.session?.transaction).toBe('t1');
  });
  it('a sample from before the stop that comes after it is history', () => {
    const history: readonly Told[] = [
      [1, started('A', 't1'), 1],
      [60, metered('A', [16, 16, 16]), 60],
      [90, ended('A', 't1'), 90],
      [91, metered('A', [16, 16, 16]), 85],
    ];
    expect(connectorAfter(history)?.meter?.drawA).toEqual([0, 0, 0]);
  });
});

describe('phases', () => {
  it('a connector with one phase may name the grid’s', () => {
    expect(connectorAfter([[1, metered('A', [null, null, 10], 2)]], 2)?.meter?.drawA).toEqual([0, 0, 10]);
  });
  it('power alone does not tell what a car leaves', () => {
    const offered = granted(2, 'g', { station: 'A', transaction: 't', limitA: 32 });
    const history: readonly Told[] = [
      [1, started('A', 't')],
      ...offered,
      ...[60, 120, 180].map((s): Told => [s, sample({ powerW: 7_360 })]),
    ];
    expect(connectorAfter(history)?.usage.capA).toBeNull();
  });
});

describe('connections', () => {
  it('the late close of an old connection does not take the new one down', () => {
    const state = given([...start, [5, connected('A', 'c2')], [6, disconnected('A', 'c1')]]);
    expect(state.stations.get(stationId('A'))?.online).toBe(true);
  });
  it('are all gone when an engine starts, and calls in flight are unknown', () => {
    const state = given([
      ...start,
      [1, started('A', 't')],
      [2, requested('g', { station: 'A', transaction: 't', limitA: 20 })],
      [3, { type: 'EngineStarted', data: { site: siteId('test'), engine: 'e', version: '1' } }],
    ]);
    expect(state.stations.get(stationId('A'))).toMatchObject({ online: false, openCalls: [] });
    expect(state.connectors.get(key('A'))?.ledger.open.map((o) => o.state)).toEqual(['unknown']);
  });
  it('a boot asks for everything anew', () => {
    expect(given([...start, [9, booted('A')]]).stations.get(stationId('A'))).toMatchObject({
      capabilities: null,
      readTries: 0,
    });
  });
});

describe('status', () => {
  it('comes back from Faulted in a running transaction', () => {
    const history: readonly Told[] = [
      [1, started('A', 't')],
      [5, status('A', 'Faulted')],
      [10, status('A', 'Occupied')],
    ];
    expect(connectorAfter(history)?.status).toBe('Occupied');
  });
  it('of the busiest outlet speaks for the EVSE', () => {
    const other: DomainEvent = {
      type: 'ConnectorStatusChanged',
      data: { station: stationId('A'), evseId: 1, connectorId: 2, status: 'Available', errorCode: null },
    };
    expect(
      connectorAfter([
        [1, status('A', 'Charging')],
        [2, other],
      ])?.status,
    ).toBe('Charging');
  });
});

describe('reconfiguration', () => {
  it('keeps what is known of the stations that stay, and forgets the others', () => {
    const next = siteOf({
      nodes: [{ id: 'grid', limitA: 40 }],
      stations: [
        { id: 'A', node: 'grid' },
        { id: 'B', node: 'grid' },
      ],
    });
    const state = given([...start, ...granted(1, 'g', { station: 'A', limitA: 0 }), [5, configured(next)]]);
    expect([...state.connectors.keys()]).toEqual([key('A'), key('B')]);
    expect(state.stations.get(stationId('A'))?.online).toBe(true);
  });
});

describe('profiles sent by hand', () => {
  const byHand = (call: string, action: string, rest: object): DomainEvent =>
    ({
      type: 'CallRequested',
      data: {
        station: stationId('A'),
        call,
        action,
        payload: {},
        grants: [],
        clears: [],
        by: 'operator',
        basis: 0,
        epoch: 0,
        timeoutS: 20,
        ...rest,
      },
    }) as DomainEvent;
  const grant = {
    connector: key('A'),
    kind: 'session',
    limitA: 25,
    tailA: 25,
    leaseEndsAt: null,
    session: session('A', 't'),
    profileId: 5,
  };
  const sent: readonly Told[] = [
    [1, started('A', 't')],
    [2, byHand('h', 'SetChargingProfile', { grants: [grant] })],
    [3, answered('A', 'h')],
  ];

  it('count like the engine’s own, until they are cleared', () => {
    expect(connectorAfter(sent)?.ledger.manual).toHaveLength(1);
    const cleared: readonly Told[] = [
      ...sent,
      [4, byHand('k', 'ClearChargingProfile', { clears: [5] })],
      [5, answered('A', 'k')],
    ];
    expect(connectorAfter(cleared)?.ledger.manual).toHaveLength(0);
  });
  it('clearing everything takes the default profile too', () => {
    const cleared: readonly Told[] = [
      ...sent,
      [4, byHand('k', 'ClearChargingProfile', { clears: 'all' })],
      [5, answered('A', 'k')],
    ];
    expect(connectorAfter(cleared)?.ledger.idle).toBeNull();
  });
});

describe('capacity', () => {
  const envelope = (rest: object): DomainEvent =>
    ({
      type: 'EnvelopeSet',
      data: {
        site: siteId('test'),
        source: 'utility',
        node: nodeId('grid'),
        limitA: [30, 30, 30],
        limitW: null,
        from: null,
        to: null,
        fallback: null,
        silenceS: null,
        heardAt: at(0),
        ...rest,
      },
    }) as DomainEvent;
  const capacityAt = (history: readonly Told[], seconds: number) => {
    const { capacity, by } = linkCapacities(given([...start, ...history]), at(seconds));
    return { grid: capacity[0], power: capacity[3], panel: capacity[4], by: by[0] };
  };

  it('is the rating less reserve and unmanaged load; a silent meter counts in full, all the way up', () => {
    expect(capacityAt([], 1)).toEqual({
      grid: 58,
      power: 50_000 - 2 * 690 - 20 * 690,
      panel: 20,
      by: 'rating',
    });
    const load: Told = [
      10,
      { type: 'NodeLoadMeasured', data: { site: siteId('test'), node: nodeId('panel'), loadA: [5, 5, 5] } },
    ];
    expect(capacityAt([load], 20)).toMatchObject({ grid: 73, panel: 35 });
    expect(capacityAt([load], 71)).toMatchObject({ grid: 58, panel: 20 });
  });
  it('is the tightest envelope’s, in its time', () => {
    const spanned = envelope({ from: at(100), to: at(200) });
    expect(capacityAt([[1, spanned]], 50)).toMatchObject({ grid: 58, by: 'rating' });
    expect(capacityAt([[1, spanned]], 100)).toMatchObject({ grid: 8, by: 'utility' });
    expect(capacityAt([[1, spanned]], 200)).toMatchObject({ grid: 58, by: 'rating' });
  });
  it('stays the envelope’s where silence has no fallback, and is nobody’s before it begins', () => {
    expect(capacityAt([[0, envelope({ silenceS: 60 })]], 90)).toMatchObject({ grid: 8 });
    const tomorrow = envelope({
      silenceS: 60,
      fallback: { limitA: [20, 20, 20], limitW: null },
      from: at(5_000),
      to: at(6_000),
    });
    expect(capacityAt([[0, tomorrow]], 90)).toMatchObject({ grid: 58, by: 'rating' });
  });
  it('is the fallback’s once the source is silent', () => {
    const watched = envelope({ silenceS: 60, fallback: { limitA: [40, 40, 40], limitW: null } });
    expect(capacityAt([[0, watched]], 59)).toMatchObject({ grid: 8 });
    expect(capacityAt([[0, watched]], 60)).toMatchObject({ grid: 18 });
    if (watched.type !== 'EnvelopeSet') throw new Error();
    expect(envelopeState(watched.data, at(61))).toBe('fallback');
  });
});

describe('the state', () => {
  it('survives JSON', () => {
    const state = given([...start, [1, started('A', 't')], [2, metered('A', [1, 2, 3])]]);
    const back = deserializeState(JSON.parse(JSON.stringify(serializeState(state))));
    expect(serializeState(back)).toEqual(serializeState(state));
  });
});

describe('old events', () => {
  it('are brought up to date, later ones are refused', () => {
    const steps = { SiteRemoved: { 0: (data: object) => ({ ...data, site: 'x' }) } };
    expect(upcast({ type: 'SiteRemoved', version: 0, data: {} }, steps)).toEqual({
      kind: 'current',
      data: { site: 'x' },
    });
    expect(upcast({ type: 'SiteRemoved', version: 99, data: {} })).toEqual({ kind: 'too-new' });
    expect(upcast({ type: 'Nonsense', version: 1, data: {} })).toEqual({ kind: 'unknown-type' });
  });
});
