import { settle } from '@ampledger/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, connected, GARAGE, startBench } from '../testing.js';

interface Message {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

const load = (currentA: number) =>
  ({ type: 'NodeLoadMeasured', data: { site: GARAGE, node: 'house', loadA: [currentA, 0, 0] } }) as never;

/** Reads a stream message by message. */
function messagesOf(body: ReadableStream<Uint8Array>) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  const nextBlock = async (): Promise<string | undefined> => {
    while (!rest.includes('\n\n')) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      rest += value;
    }
    const [block = ''] = rest.split('\n\n', 1);
    rest = rest.slice(block.length + 2);
    return block;
  };
  const field = (block: string, name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2);
  return {
    nextBlock,
    /** The next that is not a comment; undefined at the end of the stream. */
    async next(): Promise<Message | undefined> {
      const block = await nextBlock();
      if (block === undefined) return undefined;
      if (block.startsWith(':')) return this.next();
      return {
        event: field(block, 'event') ?? '',
        id: field(block, 'id'),
        data: JSON.parse(field(block, 'data') ?? '{}'),
      };
    },
    cancel: () => reader.cancel(),
  };
}

describe('the live stream', () => {
  let bench: Bench;
  let url: string;
  beforeEach(async () => {
    bench = await startBench({ limits: { liveClientsMax: 3, liveBufferBytesMax: 100_000 } });
    ({ url } = await bench.api.listen({ port: 0 }));
  });
  afterEach(() => bench.close());

  const open = (query = '', headers: Record<string, string> = {}) =>
    fetch(`${url}/api/v1/live${query}`, { headers });
  const stream = async (query = '', headers: Record<string, string> = {}) => {
    const answer = await open(query, headers);
    expect(answer.status).toBe(200);
    if (answer.body === null) throw new Error('a stream has a body');
    return { answer, ...messagesOf(answer.body) };
  };

  it('has the headers of a stream', async () => {
    const { answer, cancel } = await stream();
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    await cancel();
  });

  it('begins with the site, then tells events and the site at most once a second', async () => {
    const live = await stream('?site=garage');
    expect(await live.next()).toMatchObject({ event: 'site', data: { id: 'garage', position: 1 } });
    await bench.say(connected('CP1'));
    expect(await live.next()).toMatchObject({
      event: 'event',
      id: '2',
      data: { position: 2, type: 'StationConnected' },
    });
    expect(await live.next()).toMatchObject({ event: 'site', data: { position: 2 } });
    await bench.say(load(1));
    await bench.say(load(2));
    expect(await live.next()).toMatchObject({ event: 'event', id: '3' });
    expect(await live.next()).toMatchObject({ event: 'event', id: '4' });
    await bench.clock.advance(1_000);
    expect(await live.next()).toMatchObject({
      event: 'site',
      data: { position: 4, at: '2026-03-01T12:00:01.000Z' },
    });
    await live.cancel();
  });

  it('goes on after the last event that a client has', async () => {
    for (let n = 0; n < 2_500; n++) await bench.say(load(n));
    const live = await stream('', { 'last-event-id': '1200' });
    expect(await live.next()).toMatchObject({ event: 'site' });
    for (let position = 1_201; position <= 2_501; position++) {
      const message = await live.next();
      if (message?.id !== String(position)) throw new Error(`expected ${position}, got ${message?.id}`);
    }
    await bench.say(load(0));
    expect(await live.next()).toMatchObject({ event: 'event', id: '2502' });
    await live.cancel();
  });

  it('loses and repeats no event while a client catches up', async () => {
    for (let n = 0; n < 3_000; n++) await bench.say(load(n));
    const live = await stream('', { 'last-event-id': '0' });
    for (let n = 0; n < 500; n++) {
      await bench.say(load(n));
      await settle();
    }
    const ids: string[] = [];
    while (ids.length < 3_501) {
      const message = await live.next();
      if (message === undefined) throw new Error('the stream ended');
      if (message.event === 'event') ids.push(message.id ?? '');
    }
    expect(ids).toEqual(Array.from({ length: 3_501 }, (_, index) => String(index + 1)));
    await live.cancel();
  });

  it('shows a site only to those who ask for it', async () => {
    const live = await stream('?site=garage');
    await live.next();
    await bench.say(
      {
        type: 'DataTransferReceived',
        data: { station: 'X', vendor: 'v', message: null, data: null },
      } as never,
      'other' as never,
    );
    await bench.say(load(1));
    expect(await live.next()).toMatchObject({ event: 'event', data: { site: 'garage' } });
    await live.cancel();
  });

  it('keeps the connection alive', async () => {
    const live = await stream('?site=garage');
    await live.nextBlock();
    await bench.clock.advance(15_000);
    expect(await live.nextBlock()).toBe(': keep-alive');
    await live.cancel();
  });

  it('drops a client that does not read, and the others notice nothing', async () => {
    const slow = await open();
    const quick = await stream();
    await quick.next();
    const reading = (async () => {
      let count = 0;
      for (;;) {
        const message = await quick.next();
        if (message?.event === 'event') count++;
        if (count === 40_000) return count;
        if (message === undefined) return -count;
      }
    })();
    // More than the sockets' own buffers take from a client that reads nothing.
    for (let n = 0; n < 40_000; n++) {
      await bench.say(load(n));
      if (n % 50 === 0) await settle();
    }
    expect(await reading).toBe(40_000);
    const taken = await slow.text().catch(() => '');
    expect(taken.split('event: event').length).toBeLessThan(40_000);
    await quick.cancel();
  });

  it('bounds the clients', async () => {
    const open3 = await Promise.all([stream(), stream(), stream()]);
    const answer = await open();
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ type: 'urn:ampledger:problem:busy' });
    await open3[0]?.cancel();
    await expect.poll(async () => (await open()).status).toBe(200);
  });

  it('ends when the API closes', async () => {
    const live = await stream();
    await live.next();
    await bench.api.close();
    expect(await live.next()).toBeUndefined();
  });

  it.each([
    ['?site=depot', {}, 404],
    ['', { 'last-event-id': 'x' }, 400],
    ['?sites=garage', {}, 400],
  ])('refuses %s %o', async (query, headers, status) => {
    const answer = await open(query, headers as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ status });
  });
});
