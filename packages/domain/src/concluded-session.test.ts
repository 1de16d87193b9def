// A session that seemed to be over, and goes on: it counts, and is the same session.

import { stationId } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import type { ConnectorStatus, DomainEvent } from './event-types.js';
import { countedA, ledgerInput, needsOf, topologyOf } from './index.js';
import {
  at,
  booted,
  commissioned,
  configured,
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
const metered1 = (a: readonly [number, number, number], energyWh: number | null = null): DomainEvent => {
  const event = metered('A', a);
  if (event.type !== 'MeterSampled') throw new Error();
  return { ...event, data: { ...event.data, session: session('A', 't1'), energyWh } };
};
const charging: readonly Told[] = [
  [0, configured(site)],
  [0, connected],
  ...commissioned('A', { idleA: 6 }).filter(([, { type }]) => type !== 'StationConnected'),
  [1, started('A', 't1'), 1],
  [2, updated(1, 'Charging'), 2],
  [2, needsNotified('A', { energyWh: 20_000, departAt: at(20_000), session: session('A', 't1') })],
  ...granted(3, 'g1', { station: 'A', transaction: 't1', limitA: 32, leaseEndsS: 900 }),
];
const blip: readonly Told[] = [
  [100, { ...connected, data: { ...connected.data, connection: 'c2' } } as DomainEvent],
  [101, booted('A')],
  [102, status('A', 'Available'), 102],
  [103, status('A', 'Occupied'), 103],
];
const counted = (state: ReturnType<typeof given>, s: number) => {
  const placed = topologyOf(site).byKey.get(key('A'));
  if (!placed) throw new Error();
  return countedA(ledgerInput(state, placed), at(s));
};

describe('a concluded 2.x session that goes on', () => {
  it('counts what its meter shows though the updates say no charging state', () => {
    const state = given([
      ...charging,
      ...blip,
      ...granted(105, 'i2', { station: 'A', limitA: 6 }),
      ...[110, 170, 230, 290].flatMap((s, i): Told[] => [
        [s, updated(10 + i, null), s],
        [s, metered1([32, 32, 32]), s],
      ]),
    ]);
    expect(counted(state, 291)[0]).toBeGreaterThanOrEqual(32);
  });

  it('keeps its needs, its start and its energy when it opens again', () => {
    const state = given([
      ...charging,
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
      ...[10, 45, 80].map((s): Told => [s, metered1([10, 0, 0]), s]),
      [90, metered1([10, 10, 10]), 90],
      ...[93, 95].map((s): Told => [s, metered1([30, 0, 0]), s]),
      ...blip,
      [110, updated(3, 'Charging'), 110],
    ]);
    const before = given([
      ...charging,
      ...[10, 45, 80].map((s): Told => [s, metered1([10, 0, 0]), s]),
      [90, metered1([10, 10, 10]), 90],
      ...[93, 95].map((s): Told => [s, metered1([30, 0, 0]), s]),
    ]);
    const was = before.connectors.get(key('A'))?.usage;
    expect(was).toMatchObject({ changed: true, onFewer: true });
    expect(state.connectors.get(key('A'))?.usage).toMatchObject({ changed: true, onFewer: true });
  });
});
