// What must be true when all is over, whatever happened before. The record is held against the topic, the
// stations' own memory of what they were answered, and what the processes believe.

import { eventToWire } from '@ampledger/api';
import { openKurrentStore } from '@ampledger/kurrent-store';
import type { EventStore, RecordedEvent } from '@ampledger/ports';
import { placeOf } from '@ampledger/ports';
import { readRecorded } from '@ampledger/recording';
import { expect } from 'vitest';
import { keysInLog } from '../e2e/answered-ledger.js';
import { ampledger } from '../e2e/engine-process.js';
import { countMessages, endsOf, readBus } from './bus-record.js';
import { type Cluster, PARTITIONS } from './cluster.js';
import type { BackboneFleet } from './fleet.js';
import type { OverloadWatch } from './overloads.js';
import type { TestSite } from './sites.js';
import type { Supervised } from './supervisor.js';
import { until } from './until.js';

export interface Trial {
  readonly cluster: Cluster;
  readonly fleet: BackboneFleet;
  readonly overloads: OverloadWatch;
  readonly sites: readonly TestSite[];
}

export interface Verdict {
  readonly events: number;
  readonly repetitions: number;
  readonly answered: number;
}

/** Lets everything come to rest, then judges, ending the processes on the way. Throws what it finds. */
export async function judge({ cluster, fleet, overloads, sites }: Trial): Promise<Verdict> {
  await fleet.settle();
  const answered = [...fleet.answered];
  const answeredIds = [...fleet.answeredIds];
  await Promise.all(
    (['recorder', 'optimizer', 'command'] as const).map((service) => cluster.ownedOnce(service)),
  );
  await cluster.ready();
  fleet.close();
  overloads.close();
  expect(overloads.looks(), 'the overload watch looked').toBeGreaterThan(10);
  expect(overloads.overloads(), 'overloads by what stations hold').toEqual([]);
  const store = await openKurrentStore({ url: cluster.store.url });
  try {
    await everythingRecorded(cluster);
    await expectAgreement(cluster, sites.length);
    // Doors first: what they still take is decided on, and recorded.
    const ends = [...(await cluster.stop('ingress')), ...(await cluster.stop('optimizer', 'command'))];
    await everythingRecorded(cluster);
    ends.push(...(await cluster.stop('recorder', 'api')));
    expect(
      ends.filter(({ code }) => code !== 0),
      'processes that did not end in order',
    ).toEqual([]);
    expectNoOtherEnds(cluster);
    const { events, repetitions } = await expectRecord(cluster, store, { answered, answeredIds });
    expect(
      await countMessages(cluster.broker.bootstrap, `${cluster.topic}.dead-letters`),
      'dead letters',
    ).toBe(0);
    for (const copy of cluster.copies) await expectVerified(copy);
    return { events, repetitions, answered: answered.length + answeredIds.length };
  } finally {
    await store.close();
  }
}

const all = (cluster: Cluster): readonly Supervised[] =>
  (['ingress', 'recorder', 'optimizer', 'command', 'api'] as const).flatMap((service) => cluster.of(service));

/** Whatever else is gone, a process waits for it: none ends that the test did not end. */
function expectNoOtherEnds(cluster: Cluster): void {
  const ends = all(cluster).flatMap(({ ends }) => ends.filter(({ wanted }) => !wanted));
  expect(ends, 'processes that ended by themselves').toEqual([]);
}

// What is recorded

interface Answered {
  readonly answered: readonly string[];
  readonly answeredIds: readonly string[];
}

interface Recorded {
  readonly events: number;
  readonly repetitions: number;
}

async function expectRecord(cluster: Cluster, store: EventStore, heard: Answered): Promise<Recorded> {
  const { topic, broker } = cluster;
  const bus = await readBus(broker.bootstrap, topic);
  const recordedEvents: RecordedEvent[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const found: RecordedEvent[] = [];
    const pages = readRecorded({ store, topic, partition, partitions: PARTITIONS, afterOffset: -1 });
    for await (const page of pages) for (const event of page) found.push(event);
    const line = (offset: number, { stream, id }: { stream: string; id: string }): string =>
      `${offset} ${stream} ${id}`;
    const wanted = (bus.partitions[partition] ?? []).map((event) => line(event.offset, event));
    const has = found.map((event) => line(placeOf(event.position, PARTITIONS).offset, event));
    expect(
      firstDifference(has, wanted),
      `partition ${partition}: what is recorded, what the bus has`,
    ).toBeNull();
    for (const event of found) recordedEvents.push(event);
  }
  expectOnce(recordedEvents);
  await expectStreams(store, recordedEvents.length);
  const keys = keysInLog(recordedEvents.map(eventToWire));
  const ids = messageIds(recordedEvents);
  expect(
    heard.answered.filter((key) => !keys.has(key)),
    'answered, and not recorded',
  ).toEqual([]);
  expect(
    heard.answeredIds.filter((id) => !ids.has(id)),
    'answered, and not recorded',
  ).toEqual([]);
  return { events: recordedEvents.length, repetitions: bus.repetitions };
}

/** Long lists make poor messages. */
function firstDifference(has: readonly string[], wanted: readonly string[]): object | null {
  for (let i = 0; i < Math.max(has.length, wanted.length); i++) {
    if (has[i] !== wanted[i])
      return { at: i, has: has[i], wanted: wanted[i], of: [has.length, wanted.length] };
  }
  return null;
}

function expectOnce(events: readonly RecordedEvent[]): void {
  expect(repeated(events.map(({ id }) => id)), 'event ids that are recorded twice').toEqual([]);
  const starts = events.filter(({ type }) => type === 'SessionStarted');
  const sessions = starts.map(({ data }) => String((data as { session?: unknown }).session));
  expect(repeated(sessions), 'sessions that began twice').toEqual([]);
}

/** The same, without the reader of records: every event of every stream, as the server has them. */
async function expectStreams(store: EventStore, events: number): Promise<void> {
  const ids: string[] = [];
  const places: string[] = [];
  for await (const page of store.readAll({ streamPrefix: 'p' })) {
    for (const { id, meta, type } of page) {
      if (meta.source === undefined) {
        expect(type, 'what no recorder took from the bus').toBe('Recorded');
        continue;
      }
      ids.push(id);
      places.push(`${meta.source.partition}/${meta.source.offset}`);
    }
  }
  expect(ids.length, 'events in the store').toBe(events);
  expect(repeated(ids), 'event ids that are in the store twice').toEqual([]);
  expect(repeated(places), 'places of the bus that are in the store twice').toEqual([]);
}

function repeated(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return names.filter((name) => seen.has(name) || !seen.add(name));
}

/** `<station> <message id>` of every frame that is on record. */
function messageIds(events: readonly RecordedEvent[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { meta, data } of events) {
    const { station } = data as { station?: unknown };
    if (meta.frame === undefined || typeof station !== 'string') continue;
    ids.add(`${station} ${String((JSON.parse(meta.frame) as readonly unknown[])[1])}`);
  }
  return ids;
}

// What runs

interface PartitionStatus {
  readonly partition: number;
  readonly recordedTo: number;
}

const everythingRecorded = (cluster: Cluster): Promise<true> =>
  until('everything is recorded', async () => {
    await assertRecorded(cluster);
    return true as const;
  });

/** Throws while the bus has what is not recorded yet. */
async function assertRecorded(cluster: Cluster): Promise<void> {
  const running = await recordedTo(cluster);
  const ends = await endsOf(cluster.broker.bootstrap, cluster.topic);
  const behind = ends.flatMap((end, partition) => {
    const to = running.get(partition) ?? -1;
    return to >= end - 1 ? [] : [`partition ${partition}: ${to} of ${end - 1}`];
  });
  if (behind.length > 0) throw new Error(behind.join(', '));
}

async function recordedTo(cluster: Cluster): Promise<ReadonlyMap<number, number>> {
  const lists = await Promise.all(
    cluster.of('recorder').map((process) => process.admin<readonly PartitionStatus[]>('partitions')),
  );
  return new Map(lists.flat().map(({ partition, recordedTo: to }) => [partition, to]));
}

const BELIEVERS = ['optimizer', 'command', 'api'] as const;

interface RebuildReport {
  readonly compared: readonly { readonly site: string; readonly comparison: string }[];
  readonly partitions: readonly { readonly events: number }[];
}

/** What every process that keeps states believes is what a rebuild from the record gives, snapshots or not. */
async function expectAgreement(cluster: Cluster, sites: number): Promise<void> {
  // Each site has one optimizer and one command service, and is in every API's copy.
  const states = sites * (2 + cluster.of('api').length);
  const { code, stdout, stderr } = await until('all that runs is compared with a rebuild', async () => {
    const ended = await rebuild(cluster);
    if (ended.code !== 0) return ended;
    // A member that has just come back may take partitions over once more: nobody has them for a moment.
    const { compared } = JSON.parse(ended.stdout) as RebuildReport;
    if (compared.length === states) return ended;
    throw new Error(`${compared.length} states of ${states}`);
  });
  expect(code, `rebuild: ${stdout}${stderr}`).toBe(0);
  const { partitions } = JSON.parse(stdout) as RebuildReport;
  const events = partitions.reduce((sum, partition) => sum + partition.events, 0);
  expect(events, 'events of the rebuild').toBeGreaterThan(sites);
}

function rebuild(cluster: Cluster) {
  const believers = BELIEVERS.flatMap((service) => cluster.of(service)).filter(
    (one) => one.pid() !== undefined,
  );
  return ampledger([
    ...['rebuild', '--json', '--event-store-url', cluster.store.url],
    ...['--kafka-topic', cluster.topic, '--partitions', String(PARTITIONS)],
    ...believers.flatMap(({ adminUrl }) => ['--against', adminUrl]),
  ]);
}

async function expectVerified(copy: string): Promise<void> {
  const { code, stdout, stderr } = await ampledger(['verify', '--data', copy]);
  expect(code, `verify ${copy}:\n${stdout}${stderr}`).toBe(0);
}
