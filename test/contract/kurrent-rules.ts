// What an event store over the network keeps to: credentials, retention, sizes, what others own, snapshots.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKurrentSnapshots, openKurrentStore } from '@ampledger/kurrent-store';
import type { Snapshot } from '@ampledger/ports';
import { describe, expect, it } from 'vitest';
import { createCertificate } from '../event-store-server/certificate.js';
import { collect, freshPrefix, newEvent, newEvents } from './events.js';
import { type Bench, raw, type Scheme } from './kurrent-bench.js';

export function kurrentRules(scheme: Scheme, bench: Bench): void {
  describe(`rules: ${scheme}://`, () => {
    it('speaks TLS and sends its credentials, and says when they are refused', async () => {
      const { certificate, key } = createCertificate();
      const directory = await bench.directory();
      const credentials = { username: 'recorder', password: 'p@ss:wörd/?' };
      const server = await bench.processes().start({ directory, tls: { certificate, key }, credentials });
      const rootCertificateFile = join(directory, 'root.pem');
      await writeFile(rootCertificateFile, certificate);
      const tls = { rootCertificateFile };
      const url = server.url(scheme);
      const stream = freshPrefix();
      // The second store of a process may append in another way.
      for (const i of [0, 1]) {
        const store = await bench.open({ url, credentials, tls });
        expect(await store.append(stream, 'any', [newEvent(stream, i)])).toMatchObject({ ok: true });
        expect(await collect(store.readStream(stream))).toHaveLength(i + 1);
        expect(await collect(store.readAll({ streamPrefix: stream }))).toHaveLength(i + 1);
      }
      const wrong = await bench.open({ url, credentials: { ...credentials, password: 'guess' }, tls });
      await expect(wrong.append(stream, 'none', [newEvent(stream, 2)])).rejects.toMatchObject({
        code: 'INVALID',
      });
      await expect(collect(wrong.readStream(stream))).rejects.toMatchObject({ code: 'INVALID' });
      const other = join(directory, 'other.pem');
      await writeFile(other, createCertificate().certificate);
      const stranger = await bench.open({
        url,
        credentials,
        tls: { rootCertificateFile: other },
        deadlineMs: 3_000,
      });
      await expect(stranger.append(stream, 'none', [newEvent(stream, 2)])).rejects.toMatchObject({
        code: 'UNAVAILABLE',
      });
    });

    it('finds the server of a cluster', async () => {
      const server = await bench.server(await bench.directory());
      const store = await bench.open({ url: server.url(`${scheme}+discover`) });
      const stream = freshPrefix();
      await store.append(stream, 'none', newEvents(stream, 2));
      expect(await collect(store.readStream(stream))).toHaveLength(2);
    });

    it('says before the first event what may be forgotten of a stream', async () => {
      const server = await bench.server(await bench.directory());
      const asked: string[] = [];
      const store = await bench.open({
        url: server.url(scheme),
        retention: (stream) => {
          asked.push(stream);
          return stream.endsWith('-short') ? { maxCount: 3, maxAgeS: 3_600 } : null;
        },
      });
      const prefix = freshPrefix();
      const streams = [`${prefix}-short`, `${prefix}-long`];
      for (const stream of streams) {
        await store.append(stream, 'none', newEvents(stream, 2));
        await store.append(stream, 1, newEvents(stream, 5, 2));
        // A repeat says nothing anew.
        await store.append(stream, 'none', newEvents(stream, 2));
      }
      const revisions = async (stream: string) =>
        (await collect(store.readStream(stream))).map((e) => e.revision);
      expect(await revisions(`${prefix}-short`)).toEqual([4, 5, 6]);
      expect(await revisions(`${prefix}-long`)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      const metadata = await raw(store, `$$${prefix}-short`);
      expect(metadata.map(({ type, data }) => [type, data])).toEqual([
        ['$metadata', { $maxCount: 3, $maxAge: 3_600 }],
      ]);
      const [first] = await collect(store.readStream(`${prefix}-long`));
      expect(metadata[0]?.position).toBeLessThan(first?.position as number);
      expect(await raw(store, `$$${prefix}-long`)).toEqual([]);
      expect(new Set(asked)).toEqual(new Set(streams));
    });

    it('names what led to an event as the server’s tools expect it', async () => {
      const server = await bench.server(await bench.directory());
      const store = await bench.open({ url: server.url(scheme) });
      const stream = freshPrefix();
      const event = newEvent(stream, 1);
      const meta = {
        ...event.meta,
        causationId: 'c-1',
        source: { topic: 't', partition: 3, offset: 7, done: -1 },
      };
      await store.append(stream, 'none', [{ ...event, meta }]);
      const [stored] = await raw(store, stream);
      expect(stored?.metadata).toMatchObject({ $causationId: 'c-1', $correlationId: 'call-1', key: 'depot' });
      expect(await collect(store.readStream(stream))).toMatchObject([{ meta }]);
    });

    it('refuses what is too large for a server before it is sent', async () => {
      const server = await bench.server(await bench.directory());
      const store = await bench.open({ url: server.url(scheme) });
      const stream = freshPrefix();
      const data = { text: 'x'.repeat(1_100_000) };
      await expect(store.append(stream, 'none', [newEvent(stream, 1, { data })])).rejects.toMatchObject({
        code: 'INVALID',
      });
      await expect(store.append('$own', 'none', [newEvent('$own', 1)])).rejects.toMatchObject({
        code: 'INVALID',
      });
    });

    it('does not speak through both clients in one process', async () => {
      await bench.open({ url: `${scheme}://localhost:1?tls=false` });
      const other = scheme === 'esdb' ? 'kurrentdb' : 'esdb';
      await expect(openKurrentStore({ url: `${other}://localhost:1?tls=false` })).rejects.toMatchObject({
        code: 'INVALID',
      });
    });

    it('shows no events of others, nor snapshots, to a reader of everything', async () => {
      const server = await bench.server(await bench.directory());
      const store = await bench.open({ url: server.url(scheme), retention: () => ({ maxCount: 10 }) });
      const stream = freshPrefix();
      await createKurrentSnapshots(store).save(snapshotOf(stream, 1));
      const foreign = {
        id: crypto.randomUUID(),
        type: 'Foreign',
        data: { a: 1 },
        metadata: new Uint8Array(),
      };
      await store.wire.append('elsewhere', 'any', [foreign]);
      await store.append(stream, 'none', newEvents(stream, 3));
      const all = await collect(store.readAll());
      expect(all.map((event) => event.stream)).toEqual([stream, stream, stream]);
      expect((await collect(store.readAll({ direction: 'backwards' }))).toReversed()).toEqual(all);
      expect(await collect(store.readAll({ types: ['Foreign', 'MeterSampled'] }))).toEqual(all);
    });
  });

  describe(`snapshots: ${scheme}://`, () => {
    it('keeps states larger than an append, and the newest few of them', async () => {
      const server = await bench.server(await bench.directory());
      const store = await bench.open({ url: server.url(scheme) });
      const snapshots = createKurrentSnapshots(store, { kept: 3, onWarning: refuse });
      const name = freshPrefix();
      const large = (n: number): Snapshot =>
        snapshotOf(name, n, { noise: noise(n % 2 === 0 ? 3_000_000 : 10) });
      for (let n = 1; n <= 6; n++) await snapshots.save(large(n));
      expect((await snapshots.list()).map(({ position }) => position)).toEqual([4, 5, 6]);
      for (const notAfterPosition of [4, 5, 6]) {
        const latest = await snapshots.latest({ name, foldVersion: 1, notAfterPosition });
        expect(latest?.position).toBe(notAfterPosition);
        expect(JSON.stringify(latest?.state).length).toBeGreaterThan(
          notAfterPosition % 2 === 0 ? 3_000_000 : 10,
        );
      }
      const parts = await raw(store, `snapshot-parts-${name}`);
      expect(parts.length).toBeGreaterThan(2 * 3);
      expect(parts.length).toBeLessThanOrEqual(3 * 5);
    });

    it('passes over one that is not whole', async () => {
      const server = await bench.server(await bench.directory());
      const store = await bench.open({ url: server.url(scheme) });
      const warnings: string[] = [];
      const snapshots = createKurrentSnapshots(store, { onWarning: (text) => warnings.push(text) });
      const name = freshPrefix();
      await snapshots.save(snapshotOf(name, 1));
      await snapshots.save({ ...snapshotOf(name, 2), storePosition: 77 });
      const entry = {
        name,
        position: 3,
        receivedAt: 3,
        foldVersion: 1,
        first: 1,
        parts: 2,
        crc: 5,
        partsMax: 5,
      };
      const event = {
        id: crypto.randomUUID(),
        type: 'SnapshotTaken',
        data: entry,
        metadata: new Uint8Array(),
      };
      await store.wire.append(`snapshots-${name}`, 'any', [event]);
      expect(await snapshots.latest({ name, foldVersion: 1 })).toEqual({
        ...snapshotOf(name, 2),
        storePosition: 77,
      });
      expect(warnings).toHaveLength(1);
    });

    it('lists the snapshots of many names', async () => {
      const server = await bench.server(await bench.directory());
      const store = await bench.open({ url: server.url(scheme) });
      const snapshots = createKurrentSnapshots(store);
      const prefix = freshPrefix();
      const names = Array.from({ length: 40 }, (_, i) => `${prefix}-${i}`);
      await Promise.all(names.map((name, i) => snapshots.save(snapshotOf(name, i + 1))));
      expect((await snapshots.list()).map(({ name }) => name)).toEqual(names);
    });
  });
}

const snapshotOf = (name: string, position: number, state: object = { position }): Snapshot => ({
  name,
  position,
  receivedAt: 1_790_000_000_000 + position,
  foldVersion: 1,
  state,
});

const refuse = (message: string): void => {
  throw new Error(`unexpected warning: ${message}`);
};

/** Text that does not compress well. */
function noise(length: number): string {
  let seed = 7;
  const letters = Buffer.alloc(length);
  for (let i = 0; i < length; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    letters[i] = 33 + ((seed >>> 16) % 90);
  }
  return letters.toString('latin1');
}
