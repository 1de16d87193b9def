// What an event store server keeps, and its rules: expected revisions, repeats recognised by their ids,
// metadata of streams that limits what is read. Everything durable is in an embedded log.

import type { EmbeddedLog } from '@ampledger/embedded-log';
import type { NewEvent, RecordedEvent } from '@ampledger/ports';
import { createRetentions } from './retentions.js';

export const APPEND_BYTES_MAX = 1024 * 1024;
/** A position is a place in a file, not a count: positions of the protocol have gaps. */
const STEP = 64;
/** Ids remembered for appends that expect any revision, as servers do: the newest, and only until a restart. */
const RECENT_IDS_MAX = 100_000;

export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

export interface Stored extends Proposed {
  readonly stream: string;
  readonly revision: number;
  readonly commit: number;
  readonly createdMs: number;
}

export type Expected = 'any' | 'none' | 'exists' | number;

export type AppendOutcome =
  | { readonly kind: 'appended'; readonly revision: number; readonly commit?: number }
  | { readonly kind: 'wrong'; readonly actual: number }
  | { readonly kind: 'too-large' };

export interface Range {
  readonly direction: 'forwards' | 'backwards';
  readonly count: number;
}

interface Body {
  readonly id: string;
  readonly json: boolean;
  readonly data: string;
  readonly meta: string;
}

export const commitOf = (position: number): number => position * STEP;
/** The last position whose commit is before this one. */
export const positionBefore = (commit: number): number => Math.ceil(commit / STEP) - 1;

const textOf = (bytes: Buffer, isJson: boolean): string => bytes.toString(isJson ? 'utf8' : 'latin1');

export function storedOf({ stream, revision, position, type, data, meta }: RecordedEvent): Stored {
  const body = data as Body;
  return {
    id: body.id,
    stream,
    revision,
    commit: commitOf(position),
    type,
    isJson: body.json,
    data: Buffer.from(body.data, body.json ? 'utf8' : 'latin1'),
    metadata: Buffer.from(body.meta),
    createdMs: meta.receivedAt,
  };
}

export type History = ReturnType<typeof createHistory>;

export function createHistory({ store }: EmbeddedLog) {
  const retentions = createRetentions(store);
  const recent = new Map<string, number>();
  // The log knows a repeat by its id; the server has other rules, so the log's ids are never the same.
  const boot = `${process.pid}-${Date.now().toString(36)}`;
  let events = 0;

  const eventOf = (stream: string, { id, type, isJson, data, metadata }: Proposed): NewEvent => {
    const body: Body = { id, json: isJson, data: textOf(data, isJson), meta: metadata.toString() };
    const receivedAt = Date.now();
    return {
      id: `${boot}-${events++}`,
      key: 'all',
      stream,
      type,
      version: 1,
      data: body,
      meta: { receivedAt },
    };
  };
  const head = async (stream: string): Promise<number> => {
    for await (const [last] of store.readStream(stream, { direction: 'backwards', limit: 1 })) {
      return last?.revision ?? -1;
    }
    return -1;
  };
  const isThere = async (stream: string, from: number, proposed: readonly Proposed[]): Promise<boolean> => {
    const ids: string[] = [];
    for await (const page of store.readStream(stream, { from, limit: proposed.length })) {
      for (const { data } of page) ids.push((data as Body).id);
    }
    return proposed.every(({ id }, i) => ids[i] === id);
  };
  const remember = (stream: string, last: number, proposed: readonly Proposed[]): void => {
    proposed.forEach(({ id }, i) => {
      recent.set(`${stream}/${id}`, last - proposed.length + 1 + i);
    });
    for (const key of recent.keys()) {
      if (recent.size <= RECENT_IDS_MAX) break;
      recent.delete(key);
    }
  };

  const appendHere = async (
    stream: string,
    expected: 'any' | 'none' | number,
    proposed: readonly Proposed[],
  ): Promise<AppendOutcome> => {
    const result = await store.append(
      stream,
      expected,
      proposed.map((event) => eventOf(stream, event)),
    );
    if (result.ok) {
      retentions.changed(stream);
      remember(stream, result.value.nextExpectedRevision, proposed);
      return {
        kind: 'appended',
        revision: result.value.nextExpectedRevision,
        commit: commitOf(result.value.position),
      };
    }
    const actual = result.error.actualRevision;
    const from = (typeof expected === 'number' ? expected : -1) + 1;
    // A repeat is recognised where it says it belongs, and only there.
    if (from <= actual && (await isThere(stream, from, proposed))) {
      return { kind: 'appended', revision: from + proposed.length - 1 };
    }
    return { kind: 'wrong', actual };
  };

  return {
    lastPosition: () => store.lastPosition(),
    async append(stream: string, expected: Expected, proposed: readonly Proposed[]): Promise<AppendOutcome> {
      const bytes = proposed.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0);
      if (bytes > APPEND_BYTES_MAX) return { kind: 'too-large' };
      if (expected === 'exists' && (await head(stream)) < 0) return { kind: 'wrong', actual: -1 };
      if (expected !== 'any' && expected !== 'exists') return appendHere(stream, expected, proposed);
      const known = recent.get(`${stream}/${proposed[0]?.id}`);
      if (known !== undefined && (await isThere(stream, known, proposed))) {
        return { kind: 'appended', revision: known + proposed.length - 1 };
      }
      return appendHere(stream, 'any', proposed);
    },
    /** Undefined when there is no such stream. `from` is left out for the near end. */
    async readStream(
      stream: string,
      { direction, count, from }: Range & { readonly from?: number },
    ): Promise<AsyncIterable<readonly Stored[]> | undefined> {
      const last = await head(stream);
      if (last < 0) return undefined;
      const { first, createdAfterMs } = await retentions.of(stream, last);
      const start = direction === 'forwards' ? Math.max(first, from ?? 0) : Math.min(from ?? last, last);
      const wanted = direction === 'forwards' ? last - start + 1 : start - first + 1;
      const limit = Math.max(0, Math.min(count, wanted));
      const pages = store.readStream(stream, { from: start, direction, limit });
      return mapPages(pages, ({ createdMs }) => createdMs > createdAfterMs);
    },
    /** Events of `$all`: forwards after a position, backwards before it. */
    readAll(options: {
      readonly after?: number;
      readonly direction: 'forwards' | 'backwards';
      readonly streamPrefix?: string;
    }): AsyncIterable<readonly Stored[]> {
      return mapPages(store.readAll(options), () => true);
    },
  };
}

async function* mapPages(
  pages: AsyncIterable<readonly RecordedEvent[]>,
  isKept: (event: Stored) => boolean,
): AsyncGenerator<readonly Stored[]> {
  for await (const page of pages) yield page.map(storedOf).filter(isKept);
}
