// Snapshots in the event store: in `snapshots-<name>` what there is of a name, in `snapshot-parts-<name>`
// the states. The entry comes after the last part, so that a snapshot is whole or not there. The stream
// `snapshots` has every name once, so that a list needs no look at the whole log.

import { randomUUID } from 'node:crypto';
import { deterministicId } from '@ampledger/kernel';
import type { Snapshot, SnapshotStore } from '@ampledger/ports';
import { type KurrentStore, setStreamMetadata } from './kurrent-store.js';
import { appendParts, type PartsPlace, readParts } from './snapshot-parts.js';
import type { Wire } from './wire.js';

export interface KurrentSnapshotsOptions {
  /** So many of each name; default 5. */
  readonly kept?: number;
  readonly onWarning?: (message: string) => void;
}

const KEPT = 5;
const NAMES = 'snapshots';
const LISTED_AT_ONCE = 8;

const entriesOf = (name: string): string => `snapshots-${name}`;
const partsOf = (name: string): string => `snapshot-parts-${name}`;

interface Entry extends Omit<Snapshot, 'state'>, PartsPlace {
  /** How many parts the stream of parts may have; the entry that needs more raises it. */
  readonly partsMax: number;
}

/** Everything goes over the store's own connection, and ends with it. */
export function createKurrentSnapshots(
  { wire }: KurrentStore,
  options: KurrentSnapshotsOptions = {},
): SnapshotStore {
  const kept = options.kept ?? KEPT;
  const onWarning = options.onWarning ?? (() => undefined);

  /** Newest append first. */
  const readEntries = async (name: string): Promise<Entry[]> => {
    const entries: Entry[] = [];
    for await (const records of wire.readStream(entriesOf(name), { direction: 'backwards', limit: kept })) {
      for (const { data } of records) entries.push(data as Entry);
    }
    return entries;
  };

  return {
    async save({ state, ...entry }) {
      const { name } = entry;
      const [newest] = await readEntries(name);
      if (!newest) await introduce(wire, name, kept);
      const place = await appendParts(wire, partsOf(name), state);
      // So that the parts of all kept snapshots stay, whichever of them is the largest.
      const partsMax = Math.max(newest?.partsMax ?? 0, kept * place.parts);
      if (partsMax !== newest?.partsMax) await retainParts(wire, name, partsMax);
      await append(wire, entriesOf(name), 'SnapshotTaken', { ...entry, ...place, partsMax });
    },
    async latest({ name, foldVersion, notAfterPosition = Infinity, notAfterReceivedAt = Infinity }) {
      const entries = (await readEntries(name)).filter(
        (entry) =>
          entry.foldVersion === foldVersion &&
          entry.position <= notAfterPosition &&
          entry.receivedAt <= notAfterReceivedAt,
      );
      // The sort is stable: of two at one position the one saved last comes first.
      for (const entry of entries.toSorted((a, b) => b.position - a.position)) {
        const state = await readParts(wire, partsOf(name), entry);
        if (state) return { ...snapshotOf(entry), state };
        onWarning(
          `The snapshot of ${name} at position ${entry.position} is not whole; an older one is used.`,
        );
      }
      return undefined;
    },
    async list() {
      const listed = await inTurns(await readNames(wire), async (name) => distinct(await readEntries(name)));
      return listed
        .flat()
        .map(snapshotOf)
        .toSorted((a, b) => a.position - b.position);
    },
  };
}

function snapshotOf(entry: Entry): Omit<Snapshot, 'state'> {
  const { first: _first, parts: _parts, crc: _crc, partsMax: _partsMax, ...snapshot } = entry;
  return snapshot;
}

/** What a name needs before its first snapshot. Doing it again does no harm. */
async function introduce(wire: Wire, name: string, kept: number): Promise<void> {
  await setStreamMetadata(wire, entriesOf(name), {
    expected: 'any',
    id: deterministicId('stream metadata', entriesOf(name), kept),
    retention: { maxCount: kept },
  });
  await append(wire, NAMES, 'SnapshotsBegun', { name }, deterministicId('snapshots', name));
}

const retainParts = (wire: Wire, name: string, maxCount: number): Promise<void> =>
  setStreamMetadata(wire, partsOf(name), { expected: 'any', id: randomUUID(), retention: { maxCount } });

async function append(
  wire: Wire,
  stream: string,
  type: string,
  data: object,
  id: string = randomUUID(),
): Promise<void> {
  await wire.append(stream, 'any', [{ id, type, data, metadata: new Uint8Array() }]);
}

async function readNames(wire: Wire): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const range = { direction: 'forwards', limit: Number.MAX_SAFE_INTEGER } as const;
  for await (const records of wire.readStream(NAMES, range)) {
    for (const { data } of records) names.add((data as { readonly name: string }).name);
  }
  return names;
}

/** One of each fold version and position: the one saved last. */
function distinct(newestFirst: readonly Entry[]): readonly Entry[] {
  const places = new Set<string>();
  return newestFirst.filter(({ foldVersion, position }) => {
    const place = `${foldVersion}/${position}`;
    const isNew = !places.has(place);
    places.add(place);
    return isNew;
  });
}

async function inTurns<T, U>(items: Iterable<T>, ask: (item: T) => Promise<U>): Promise<U[]> {
  const answers: U[] = [];
  const waiting = [...items];
  const work = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) answers.push(await ask(item));
  };
  await Promise.all(Array.from({ length: LISTED_AT_ONCE }, work));
  return answers;
}
