// What an event store over the network must survive: servers that are killed, that hang, that belong to
// another store of the same process. A rejection that nobody handles fails the run, so every test here is
// also one of that.

import type { KurrentStore } from '@ampledger/kurrent-store';
import { describe, expect, it } from 'vitest';
import type { EventStoreProcess } from '../event-store-server/event-store-process.js';
import { collect, freshPrefix, newEvent, newEvents } from './events.js';
import { type Bench, collectUntil, follow, idsOf, type Scheme, writeStream } from './kurrent-bench.js';

export function kurrentFaults(scheme: Scheme, bench: Bench): void {
  describe(`faults: ${scheme}://`, () => {
    it('loses nothing when the server is killed and started again in the middle of appends', async () => {
      const directory = await bench.directory();
      let server = await bench.server(directory);
      const store = await bench.open({ url: server.url(scheme) });
      const prefix = freshPrefix();
      const codes = new Set<unknown>();
      let restarted: Promise<void> | undefined;
      let answered = 0;
      const kill = async (): Promise<void> => {
        await server.end('SIGKILL');
        server = await bench.server(directory, server.port);
      };
      const refused = async (error: unknown): Promise<void> => {
        codes.add((error as { code?: string }).code);
        await restarted;
      };
      const streams = Array.from({ length: 64 }, (_, i) => `${prefix}-${i}`);
      const written = await Promise.all(
        streams
          .map(async (stream) => {
            const acked = await writeStream(store, stream, { appends: 10, refused });
            answered += 1;
            return acked;
          })
          .concat(
            (async () => {
              // Once some are there, and others under way.
              await collectUntil(store, prefix, 100);
              restarted = kill();
              await restarted;
              return [];
            })(),
          ),
      );
      expect(answered).toBe(64);
      expect([...codes]).toEqual(['UNAVAILABLE']);
      for (const [i, stream] of streams.entries()) {
        const events = await collect(store.readStream(stream));
        expect(idsOf(events)).toEqual(idsOf(written[i] ?? []));
      }
    });

    it('tells every append of a server that hangs and dies, and goes on with the next', async () => {
      const directory = await bench.directory();
      const server = await bench.server(directory);
      const store = await bench.open({ url: server.url(scheme) });
      const prefix = freshPrefix();
      const large = { text: 'x'.repeat(60_000) };
      const append = (i: number) =>
        store.append(`${prefix}-${i}`, 'none', [newEvent(`${prefix}-${i}`, i, { data: large })]);
      await append(-1);
      server.signal('SIGSTOP');
      const appends = Array.from({ length: 200 }, (_, i) => append(i));
      const settled = Promise.allSettled(appends);
      // So that the socket is full and the rest waits in the client.
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      await server.end('SIGKILL');
      for (const result of await settled) {
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } });
      }
      await bench.server(directory, server.port);
      for (let i = 0; i < 200; i++) expect(await append(i)).toMatchObject({ ok: true });
      expect(await collect(store.readAll({ streamPrefix: prefix }))).toHaveLength(201);
    });

    it('waits for no answer longer than its deadline, and repeats what was committed all the same', async () => {
      const server = await bench.server(await bench.directory());
      // The first of a process shares the stream; it is the one that must let go of it.
      const store = await bench.open({ url: server.url(scheme), deadlineMs: 500 });
      const patient = await bench.open({ url: server.url(scheme) });
      const stream = freshPrefix();
      await patient.append(stream, 'none', newEvents(stream, 2));
      server.signal('SIGSTOP');
      const append = () => store.append(stream, 1, newEvents(stream, 2, 2));
      await expect(append()).rejects.toMatchObject({ code: 'UNAVAILABLE', canRetry: true });
      await expect(collect(store.readStream(stream))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      server.signal('SIGCONT');
      // The first attempt is in the stream by now, or it is not: both are well.
      expect(await patient.append(stream, 1, newEvents(stream, 2, 2))).toMatchObject({
        ok: true,
        value: { nextExpectedRevision: 3 },
      });
      expect(idsOf(await collect(patient.readStream(stream)))).toEqual(idsOf(newEvents(stream, 4)));
      await expect.poll(append, { timeout: 30_000 }).toMatchObject({ ok: true });
    });

    it.each(['streamPrefix', 'none'] as const)(
      'says that it can be tried again when the server dies in the middle of a read, filter: %s',
      async (filter) => {
        const server = await bench.server(await bench.directory());
        const store = await bench.open({ url: server.url(scheme) });
        const stream = freshPrefix();
        const large = { text: 'x'.repeat(60_000) };
        // More than one page, and more than what is on its way when the first is handed over.
        for (let i = 0; i < 1_500; i += 15) {
          const events = Array.from({ length: 15 }, (_, k) => newEvent(stream, i + k, { data: large }));
          expect(await store.append(stream, i === 0 ? 'none' : i - 1, events)).toMatchObject({ ok: true });
        }
        const reading = async (): Promise<void> => {
          for await (const _page of store.readAll(filter === 'none' ? {} : { streamPrefix: stream }))
            await server.end('SIGKILL');
        };
        await expect(reading()).rejects.toMatchObject({ code: 'UNAVAILABLE', canRetry: true });
      },
    );

    it.each(['first', 'second'] as const)(
      'leaves the appends of one store alone when the server of another dies, opened %s',
      async (opened) => {
        const well = await bench.server(await bench.directory());
        const doomed = await bench.server(await bench.directory());
        const order = opened === 'first' ? [doomed, well] : [well, doomed];
        const stores = new Map<EventStoreProcess, KurrentStore>();
        for (const server of order) stores.set(server, await bench.open({ url: server.url(scheme) }));
        const prefix = freshPrefix();
        const fail = async (error: unknown): Promise<void> => {
          throw error;
        };
        const write = (server: EventStoreProcess, appends: number) => {
          const store = stores.get(server) as KurrentStore;
          return Array.from({ length: 32 }, (_, i) =>
            writeStream(store, `${prefix}-${i}`, { appends, refused: fail }),
          );
        };
        const dying = write(doomed, 1_000).map((writer) => writer.catch((error: unknown) => error));
        const writing = write(well, 30);
        await collectUntil(stores.get(doomed) as KurrentStore, prefix, 100);
        await doomed.end('SIGKILL');
        for (const error of await Promise.all(dying)) expect(error).toHaveProperty('code', 'UNAVAILABLE');
        for (const events of await Promise.all(writing)) expect(events).toHaveLength(90);
      },
    );

    it('recognises a repeat of old events, at another revision and with a store that knows nothing yet', async () => {
      const server = await bench.server(await bench.directory());
      const url = server.url(scheme);
      const stream = freshPrefix();
      const first = await bench.open({ url });
      const begun = await first.append(stream, 'none', newEvents(stream, 3));
      await first.append(stream, 2, newEvents(stream, 700, 3));
      const store = await bench.open({ url });
      expect(await store.append(stream, 5, newEvents(stream, 3))).toEqual(begun);
      expect(await store.append(stream, 702, newEvents(stream, 2, 701))).toMatchObject({
        ok: true,
        value: { nextExpectedRevision: 702 },
      });
      expect(await store.append(stream, 5, [newEvent(stream, 1), newEvent(stream, 'new')])).toMatchObject({
        error: { actualRevision: 702 },
      });
      expect(await collect(store.readStream(stream))).toHaveLength(703);
    });

    it('tells the revision that the stream has, even where the address asks for failures as values', async () => {
      const server = await bench.server(await bench.directory());
      const store = await bench.open({ url: `${server.url(scheme)}&throwOnAppendFailure=false` });
      const stream = freshPrefix();
      await store.append(stream, 'none', newEvents(stream, 5));
      expect(await store.append(stream, 1, [newEvent(stream, 'x')])).toEqual({
        ok: false,
        error: { code: 'WRONG_EXPECTED_REVISION', actualRevision: 4 },
      });
    });
  });

  describe(`subscribing: ${scheme}://`, () => {
    it('hands over what was, then what comes, through a restart of the server', async () => {
      const directory = await bench.directory();
      let server = await bench.server(directory);
      const warnings: string[] = [];
      const store = await bench.open({ url: server.url(scheme), onWarning: (text) => warnings.push(text) });
      const prefix = freshPrefix();
      const stream = `${prefix}-a`;
      const others = `other-${prefix}`;
      await store.append(stream, 'none', newEvents(stream, 600));
      await store.append(others, 'none', newEvents(others, 10));
      const end = await store.lastPosition();
      const { seen, untils, subscription, until } = follow(store, prefix);
      await subscription.caughtUp;
      expect(seen).toHaveLength(600);
      // News of the place comes with events of others too.
      await store.append(others, 9, newEvents(others, 1, 10));
      await store.append(stream, 599, newEvents(stream, 100, 600));
      await until(700);
      expect(untils.at(-1)).toBeGreaterThan(end);
      await server.end('SIGKILL');
      server = await bench.server(directory, server.port);
      await expect
        .poll(() => store.append(stream, 699, newEvents(stream, 50, 700)).catch(() => 'not yet'), {
          timeout: 20_000,
        })
        .toMatchObject({ ok: true });
      await until(750);
      expect(idsOf(seen)).toEqual(idsOf(newEvents(stream, 750)));
      expect(warnings.length).toBeGreaterThan(0);
      await subscription.close();
    });

    it('ends with what its handler throws', async () => {
      const server = await bench.server(await bench.directory());
      const store = await bench.open({ url: server.url(scheme) });
      const stream = freshPrefix();
      await store.append(stream, 'none', newEvents(stream, 5));
      const subscription = store.subscribeAll({ after: 0, streamPrefix: stream }, () => {
        throw new Error('cannot');
      });
      await expect(subscription.failed).rejects.toThrow('cannot');
      await subscription.close();
    });
  });
}
