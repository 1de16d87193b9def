import { PortError } from '@ampledger/ports';
import { describe, expect, it } from 'vitest';
import { createSlots } from './slots.js';

describe('slots', () => {
  it('let so many through, and the next when one is given back, in the order of asking', async () => {
    const slots = createSlots(2);
    const taken: number[] = [];
    const asking = [0, 1, 2, 3].map((n) => slots.take().then(() => taken.push(n)));
    await Promise.all(asking.slice(0, 2));
    expect(taken).toEqual([0, 1]);
    slots.give();
    await asking[2];
    expect(taken).toEqual([0, 1, 2]);
    slots.give();
    await asking[3];
    expect(taken).toEqual([0, 1, 2, 3]);
  });

  it('fail those who wait and those who come', async () => {
    const slots = createSlots(1);
    await slots.take();
    const waiting = slots.take();
    slots.fail(new PortError('UNAVAILABLE', 'gone'));
    await expect(waiting).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(slots.take()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('turn away more than can wait', async () => {
    const slots = createSlots(0);
    const waiting = Array.from({ length: 10_000 }, () => slots.take().catch(() => 'failed'));
    await expect(slots.take()).rejects.toMatchObject({ code: 'FULL', canRetry: true });
    slots.fail(new PortError('CLOSED', 'closed'));
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['failed']));
  });
});
