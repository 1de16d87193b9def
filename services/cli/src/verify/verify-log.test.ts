// A sound log verifies; a log with one thing wrong does not, and the report says what and where.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DEFAULT_CONNECTOR,
  DEFAULT_CONTROL,
  DEFAULT_NODE,
  DEFAULT_SITE,
  type DomainEvent,
  type EventData,
  eventFor,
  FOLD_VERSION,
  siteConfigSchema,
} from '@ampledger/domain';
import { type EmbeddedLog, openEmbeddedLog } from '@ampledger/embedded-log';
import { connectorKey, nodeId, sessionId, siteId, stationId } from '@ampledger/kernel';
import { decideLimits } from '@ampledger/optimizer';
import type { RecordedEvent } from '@ampledger/ports';
import { emptyFold, type Fold, foldEvent, startProjection } from '@ampledger/projection';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VERSION } from '../version.js';
import { verifyLog } from './verify-log.js';

const SITE = siteId('yard');
const START = Date.parse('2026-03-01T12:00:00Z');
const LIMIT_A = 32;

const config = siteConfigSchema.parse({
  ...DEFAULT_SITE,
  id: SITE,
  timeZone: 'Europe/Berlin',
  voltageV: 230,
  nodes: [
    {
      id: 'main',
      parent: null,
      limitA: [LIMIT_A, LIMIT_A, LIMIT_A],
      limitW: null,
      reserveA: 0,
      ...DEFAULT_NODE,
      unmanaged: { kind: 'none' },
    },
  ],
  stations: ['CP1', 'CP2'].map((id) => ({
    id,
    node: 'main',
    passwordHash: null,
    connectors: [
      {
        ...DEFAULT_CONNECTOR,
        evseId: 1,
        phases: [0, 1, 2],
        wiredPhases: 3,
        minA: 6,
        maxA: 32,
        priority: 0,
        weight: 1,
        fallbackA: 0,
        idleA: 0,
      },
    ],
  })),
  control: { ...DEFAULT_CONTROL, unseen: 'absent' },
});

let directory: string;
let log: EmbeddedLog;
let fold: Fold;
let at: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'ampledger-verify-'));
  log = await openEmbeddedLog({ directory, onWarning: () => undefined });
  fold = emptyFold();
  at = START;
});

afterEach(async () => {
  await log.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Records an event as a service would, and folds it. */
async function say(event: DomainEvent): Promise<number> {
  at += 1_000;
  const outgoing = eventFor({ event, site: SITE, receivedAt: at, idParts: [at] });
  const [published] = await log.bus.publish([outgoing]);
  const position = published?.position ?? 0;
  const recorded: RecordedEvent = { ...outgoing, position, revision: 0 };
  // The state is another's as soon as it is folded: a copy of the data keeps them apart.
  foldEvent(fold, structuredClone(recorded));
  return position;
}

function solve(): EventData<'LimitsAllocated'> {
  const state = fold.sites.get(SITE);
  const decided = state && decideLimits(state, at + 1_000);
  if (!decided) throw new Error('nothing to allocate');
  return decided;
}

const grant = (station: string, limitA: number, kind: 'session' | 'idle') => ({
  connector: connectorKey(stationId(station), 1),
  kind,
  limitA,
  tailA: 0,
  leaseEndsAt: kind === 'idle' ? null : at + 600_000,
  session: kind === 'idle' ? null : sessionId(stationId(station), 'T1'),
  profileId: kind === 'idle' ? 1 : 2,
});

async function giveLimit(
  station: string,
  limitA: number,
  kind: 'session' | 'idle' = 'session',
): Promise<number> {
  const id = stationId(station);
  const call = `${station}-${at}`;
  const position = await say({
    type: 'CallRequested',
    data: {
      station: id,
      call,
      action: 'SetChargingProfile',
      payload: {},
      grants: [grant(station, limitA, kind)],
      clears: [],
      by: 'engine',
      basis: fold.sites.get(SITE)?.seq ?? 0,
      epoch: 0,
      timeoutS: 20,
    },
  });
  const answer = { outcome: 'result', status: 'Accepted', payload: null, description: null } as const;
  await say({ type: 'CallAnswered', data: { station: id, call, ...answer } });
  return position;
}

/** Two stations online and commissioned, each with a car. */
async function openYard(): Promise<void> {
  await say({ type: 'SiteConfigured', data: { site: config, origin: 'file' } });
  await say({ type: 'EngineStarted', data: { site: SITE, engine: 'test', version: VERSION } });
  for (const { id } of config.stations) {
    const connection = { connection: `${id}-1`, protocol: 'ocpp1.6', remote: '192.0.2.1' } as const;
    await say({ type: 'StationConnected', data: { station: id, ...connection } });
    await giveLimit(id, 0, 'idle');
    await say({
      type: 'SessionStarted',
      data: {
        station: id,
        evseId: 1,
        session: sessionId(id, 'T1'),
        transaction: 'T1',
        idToken: null,
        meterStartWh: 0,
      },
    });
  }
  await say({ type: 'LimitsAllocated', data: solve() });
  await giveLimit('CP1', 16);
  await giveLimit('CP2', 16);
}

async function snapshot(): Promise<void> {
  const projection = await startProjection({ ...log, snapshotEvery: 0 });
  await projection.snapshot();
  await projection.close();
}

const secondLeaves = (): DomainEvent => ({
  type: 'SessionEnded',
  data: {
    station: stationId('CP2'),
    evseId: 1,
    session: sessionId(stationId('CP2'), 'T1'),
    transaction: 'T1',
    meterStopWh: 100,
    reason: null,
  },
});

const failures = async () => {
  const { holds, violations } = await verifyLog(log);
  return { holds, violations: violations.map(({ check, position }) => ({ check, position })) };
};

describe('verifyLog', () => {
  it('holds for a sound log, and has checked everything', async () => {
    await openYard();
    await snapshot();
    await say({ type: 'NodeLoadMeasured', data: { site: SITE, node: nodeId('main'), loadA: [0, 0, 0] } });
    const report = await verifyLog(log);
    expect(report).toMatchObject({ holds: true, violations: [], events: report.lastPosition, sites: 1 });
    expect(Object.fromEntries(report.checks.map(({ check, checked }) => [check, checked]))).toMatchObject({
      events: report.events,
      snapshots: 1,
      decisions: 1,
      raises: 2,
    });
  });

  it('holds for a log without events', async () => {
    expect(await verifyLog(log)).toMatchObject({ holds: true, events: 0 });
  });

  it('finds an allocation that does not come out again', async () => {
    await openYard();
    await say(secondLeaves());
    const decided = solve();
    const allocations = decided.allocations.map((one) => ({ ...one, limitA: one.limitA + 1 }));
    const position = await say({ type: 'LimitsAllocated', data: { ...decided, allocations } });
    expect(await failures()).toEqual({ holds: false, violations: [{ check: 'decisions', position }] });
  });

  it('says of an allocation that the station cannot be set to it', async () => {
    await openYard();
    await say(secondLeaves());
    const decided = solve();
    const allocations = decided.allocations.map((one) => (one.limitA > 0 ? { ...one, limitA: 5.9 } : one));
    await say({ type: 'LimitsAllocated', data: { ...decided, allocations } });
    const { violations } = await verifyLog(log);
    expect(violations.map(({ message }) => message)).toEqual([
      'CP1/1 has 5.9 A, less than its minimum of 6 A',
    ]);
  });

  it('solves an allocation from what it knew of, not from what came in between', async () => {
    await openYard();
    await say(secondLeaves());
    const decided = solve();
    await say({
      type: 'EnvelopeSet',
      data: {
        site: SITE,
        source: 'operator',
        node: nodeId('main'),
        limitA: [8, 8, 8],
        limitW: null,
        from: null,
        to: null,
        fallback: null,
        silenceS: null,
        heardAt: at,
      },
    });
    await say({ type: 'LimitsAllocated', data: decided });
    expect(await failures()).toEqual({ holds: true, violations: [] });
  });

  it('leaves alone what another release decided', async () => {
    await openYard();
    await say({ type: 'EngineStarted', data: { site: SITE, engine: 'test', version: `${VERSION}-later` } });
    const limits = { site: SITE, at, basis: 1, epoch: 0, allocations: [] };
    await say({ type: 'LimitsAllocated', data: limits });
    const { holds, checks } = await verifyLog(log);
    expect(holds).toBe(true);
    expect(checks).toContainEqual(expect.objectContaining({ check: 'decisions', checked: 1, skipped: 1 }));
  });

  it('finds a raise for which there was no room', async () => {
    await openYard();
    const position = await giveLimit('CP1', 17);
    expect(await failures()).toEqual({ holds: false, violations: [{ check: 'raises', position }] });
  });

  it('lets a cut pass while a limit is broken from outside, and reports for how long it was', async () => {
    await openYard();
    const cap = { site: SITE, source: 'operator', node: nodeId('main'), limitW: null, from: null, to: null };
    const envelope = { ...cap, limitA: [20, 20, 20], fallback: null, silenceS: null, heardAt: at } as const;
    await say({ type: 'EnvelopeSet', data: envelope });
    await giveLimit('CP1', 10);
    await giveLimit('CP2', 10);
    const report = await verifyLog(log);
    expect(report).toMatchObject({ holds: true, longestOverload: { site: SITE, forMs: 4_000 } });
  });

  it('finds a snapshot that differs', async () => {
    await openYard();
    await snapshot();
    const found = await log.snapshots.latest({ name: SITE, foldVersion: FOLD_VERSION });
    if (!found) throw new Error('no snapshot');
    await log.snapshots.save({ ...found, state: { ...found.state, allocatedBasis: 1 } });
    const { violations } = await verifyLog(log);
    expect(violations).toEqual([
      { check: 'snapshots', position: found.position, message: expect.stringContaining('allocatedBasis') },
    ]);
  });

  it('finds an event whose data its type does not allow', async () => {
    await openYard();
    const meta = { receivedAt: at };
    const bad = { key: SITE, stream: 'x', version: 1, meta } as const;
    const [first, second] = await log.bus.publish([
      { ...bad, id: 'bad-1', type: 'NodeLoadMeasured', data: { site: SITE, node: 'main', loadA: [1] } },
      { ...bad, id: 'bad-2', type: 'NoSuchThing', data: {} },
    ]);
    expect(await failures()).toEqual({
      holds: false,
      violations: [
        { check: 'events', position: first?.position },
        { check: 'events', position: second?.position },
      ],
    });
  });
});
