// Sessions whose end was lost: an OCPP 2.0.1 station that lost its power, or started anew, in a transaction.

import { stationId } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import type { ConnectorStatus, DomainEvent } from './event-types.js';
import { countedA, ledgerInput, mayHoldA, needsOf, siteView, topologyOf } from './index.js';
import {
  at,
  booted,
  commissioned,
  configured,
  ended,
  given,
  granted,
  key,
  metered,
  needsNotified,
  session,
  siteOf,
  started,
  status,
  type Told,
} from './testing.js';

const site = siteOf({
  nodes: [{ id: 'grid', limitA: 80 }],
  stations: [{ id: 'A', node: 'grid', connectors: [{ idleA: 6 }] }],
});
const connected: DomainEvent = {
  type: 'StationConnected',
  data: { station: stationId('A'), connection: 'c1', protocol: 'ocpp2.0.1', remote: '127.0.0.1' },
};
const bootedFor = (reason: string): DomainEvent => {
  const event = booted('A');
  return event.type === 'StationBooted' ? { ...event, data: { ...event.data, reason } } : event;
};
const updated = (seqNo: number, state: ConnectorStatus | null): DomainEvent => ({
  type: 'SessionUpdated',
  data: {
    station: stationId('A'),
    evseId: 1,
    session: session('A', 't1'),
    transaction: 't1',
    seqNo,
    status: state,
  },
});
const charging: readonly Told[] = [
  [0, configured(site)],
  [0, connected],
  ...commissioned('A', { idleA: 6 }).filter(([, { type }]) => type !== 'StationConnected'),
  [1, started('A', 't1'), 1],
  [2, updated(1, 'Charging'), 2],
  ...granted(3, 'g1', { station: 'A', transaction: 't1', limitA: 16, leaseEndsS: 900 }),
];
const cut = (reason: string): readonly Told[] => [
  [100, connected],
  [101, bootedFor(reason)],
  [102, status('A', 'Available'), 102],
];
const after = (...history: readonly (readonly Told[])[]) => given([...charging, ...history.flat()]);
const sessionAfter = (...history: readonly (readonly Told[])[]) =>
  after(...history).connectors.get(key('A'))?.session?.transaction ?? null;

describe('a 2.0.1 transaction that was cut off by a loss of power', () => {
  it.each(['PowerUp', 'Watchdog', 'Unknown'])(
    'is over when the connector has no car after a boot (%s)',
    (reason) => {
      expect(sessionAfter(cut(reason))).toBeNull();
      expect(siteView(after(cut(reason)), at(103)).recentSessions).toMatchObject([{ endedAt: at(102) }]);
    },
  );

  it('is not over by a boot alone, nor while a car is there', () => {
    expect(sessionAfter([[101, bootedFor('PowerUp')]])).toBe('t1');
    expect(
      sessionAfter([
        [101, bootedFor('PowerUp')],
        [102, status('A', 'Occupied'), 102],
      ]),
    ).toBe('t1');
  });

  it('is not over where the connector is free and the station has not booted: it may have begun before the car', () => {
    expect(sessionAfter([[102, status('A', 'Available'), 102]])).toBe('t1');
    expect(sessionAfter(cut('Triggered'))).toBe('t1');
  });

  it('is not over for one that began after the boot', () => {
    const [, boot] = cut('PowerUp');
    const later: readonly Told[] = [
      [110, started('A', 't2'), 110],
      [120, status('A', 'Available'), 120],
    ];
    expect(sessionAfter(boot === undefined ? [] : [boot], later)).toBe('t2');
  });

  it('has the energy that its end tells when that comes after all', () => {
    const told = ended('A', 't1');
    const late = (
      told.type === 'SessionEnded' ? { ...told, data: { ...told.data, meterStopWh: 700 } } : told
    ) as DomainEvent;
    const state = after(cut('PowerUp'), [[200, late]]);
    expect(state.connectors.get(key('A'))?.session).toBeNull();
    expect(siteView(state, at(201)).recentSessions).toMatchObject([
      { transaction: 't1', energyWh: 700, endedAt: at(102) },
    ]);
  });
});

describe('a 2.0.1 transaction that goes on after all', () => {
  const holdsA = (...history: readonly (readonly Told[])[]): number => {
    const state = after(...history);
    const placed = topologyOf(site).byKey.get(key('A'));
    if (placed === undefined) throw new Error('no connector');
    return mayHoldA(ledgerInput(state, placed), at(151));
  };

  it('is open again by an update with a car, and counts with what it held', () => {
    const goesOn: readonly Told[] = [[150, updated(9, 'Charging'), 150]];
    expect(sessionAfter(cut('PowerUp'), goesOn)).toBe('t1');
    expect(holdsA(cut('PowerUp'))).toBe(6);
    expect(holdsA(cut('PowerUp'), goesOn)).toBe(16);
  });

  it('stays over by what was queued before, and by what tells of no car', () => {
    expect(sessionAfter(cut('PowerUp'), [[150, updated(8, 'Charging'), 50]])).toBeNull();
    expect(sessionAfter(cut('PowerUp'), [[150, updated(9, 'Finishing'), 150]])).toBeNull();
    expect(sessionAfter(cut('PowerUp'), [[150, updated(9, null), 150]])).toBeNull();
  });

  it('ends for good when its end is told', () => {
    const history: readonly Told[] = [
      [150, updated(9, 'Charging'), 150],
      [160, ended('A', 't1')],
      [170, updated(10, 'Charging'), 170],
    ];
    expect(sessionAfter(cut('PowerUp'), history)).toBeNull();
    expect(sessionAfter(cut('PowerUp'), history.slice(1))).toBeNull();
  });

  it('stays over when another has begun since', () => {
    const history: readonly Told[] = [
      [150, started('A', 't2'), 150],
      [160, ended('A', 't2')],
      [170, updated(10, 'Charging'), 170],
    ];
    expect(sessionAfter(cut('PowerUp'), history)).toBeNull();
  });
});

const metered1 = (a: readonly [number, number, number], energyWh: number | null = null): DomainEvent => {
  const event = metered('A', a);
  if (event.type !== 'MeterSampled') throw new Error();
  return { ...event, data: { ...event.data, session: session('A', 't1'), energyWh } };
};
/** What its driver said. */
const told: Told = [
  3,
  needsNotified('A', { energyWh: 20_000, departAt: at(20_000), session: session('A', 't1') }),
];
const blip: readonly Told[] = [
  [100, { ...connected, data: { ...connected.data, connection: 'c2' } } as DomainEvent],
  [101, booted('A')],
  [102, status('A', 'Available'), 102],
  [103, status('A', 'Occupied'), 103],
];
const countedAt = (state: ReturnType<typeof given>, s: number) => {
  const placed = topologyOf(site).byKey.get(key('A'));
  if (placed === undefined) throw new Error('no connector');
  return countedA(ledgerInput(state, placed), at(s));
};

describe('a 2.0.1 transaction that goes on with its car', () => {
  it('counts what its meter shows though the updates say no charging state', () => {
    const state = given([
      ...charging,
      told,
      ...blip,
      ...granted(105, 'i2', { station: 'A', limitA: 6 }),
      ...[110, 170, 230, 290].flatMap((s, i): Told[] => [
        [s, updated(10 + i, null), s],
        [s, metered1([32, 32, 32]), s],
      ]),
    ]);
    expect(countedAt(state, 291)[0]).toBeGreaterThanOrEqual(32);
  });

  it('keeps its needs, its start and its energy when it opens again', () => {
    const state = given([
      ...charging,
      told,
      [50, metered1([32, 32, 32], 5_000), 50],
      ...blip,
      [110, updated(3, 'Charging'), 110],
      [111, metered1([32, 32, 32], 5_100), 111],
    ]);
    const c = state.connectors.get(key('A'));
    expect({
      started: c?.session?.startedAt,
      delivered: needsOf(state, { key: key('A') }, at(112)),
    }).toMatchObject({
      started: at(1),
      delivered: { departAt: at(20_000), deliveredWh: 5_100 },
    });
    expect(state.recentSessions).toEqual([]);
  });

  it('keeps what its car was seen to do with phases', () => {
    const state = given([
      ...charging,
      told,
      ...[10, 45, 80].map((s): Told => [s, metered1([10, 0, 0]), s]),
      [90, metered1([10, 10, 10]), 90],
      ...[93, 95].map((s): Told => [s, metered1([30, 0, 0]), s]),
      ...blip,
      [110, updated(3, 'Charging'), 110],
    ]);
    const before = given([
      ...charging,
      told,
      ...[10, 45, 80].map((s): Told => [s, metered1([10, 0, 0]), s]),
      [90, metered1([10, 10, 10]), 90],
      ...[93, 95].map((s): Told => [s, metered1([30, 0, 0]), s]),
    ]);
    const was = before.connectors.get(key('A'))?.usage;
    expect(was).toMatchObject({ changed: true, onFewer: true });
    expect(state.connectors.get(key('A'))?.usage).toMatchObject({ changed: true, onFewer: true });
  });
});
