// A recorder that dies, or loses its connection, at each of its calls; and another that takes over while
// the first does not know.

import { settle } from '@ampledger/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecorderOptions } from './contract.js';
import { expectExact, isRecorded } from './test-exact.js';
import { history } from './test-history.js';
import { createWorld, Held, Line, type Outcome, until } from './test-world.js';

const SMALL = { batchEvents: 4, snapshotEvery: 3, appendsInFlight: 3 };
// Batches of different sizes: what the one has begun reaches beyond what the other finishes first.
const LARGE = { batchEvents: 9, snapshotEvery: 3, appendsInFlight: 3 };
const TINY = { batchEvents: 2, snapshotEvery: 1, appendsInFlight: 3 };
const answered = new Line(async () => 'answered');

/** The k-th call has another outcome than the rest. */
function lineThatFails(k: number, outcome: Outcome): { line: Line; calls: () => number } {
  let calls = 0;
  return { line: new Line(async () => (++calls === k ? outcome : 'answered')), calls: () => calls };
}

describe('a recorder that dies at its k-th call', () => {
  it.each(['stuck', 'lost'] as const)('leaves nothing undone or done twice: %s', async (outcome) => {
    for (let k = 1; ; k++) {
      const world = createWorld({ stride: 200 });
      await world.publish(history(12));
      const { line, calls } = lineThatFails(k, outcome);
      const first = await world.member('first', line, LARGE);
      first.listener.assigned(0);
      await world.clock.advance(2_000);
      const second = await world.member('second', answered, TINY);
      second.listener.assigned(0);
      await world.publish(history(4, 12));
      await until(world.clock, () => isRecorded(world));
      await settle();
      await expectExact(world);
      if (calls() < k) return expect(k).toBeGreaterThan(20);
    }
  });

  it.each(['refused-before', 'refused-after'] as const)('goes on when it may: %s', async (outcome) => {
    for (let k = 1; ; k++) {
      const world = createWorld();
      await world.publish(history(12));
      const { line, calls } = lineThatFails(k, outcome);
      const only = await world.member('only', line, SMALL);
      only.listener.assigned(0);
      await until(world.clock, () => isRecorded(world));
      await expectExact(world);
      await only.recorder.close();
      expect(only.committed.at(-1)).toEqual({ partition: 0, offset: 11 });
      if (calls() < k) return expect(k).toBeGreaterThan(20);
    }
  });
});

describe('a recorder that was superseded', () => {
  const where = 'wherever in its batch it halted and wherever in the other’s it goes on';
  it.each([
    [1, 'larger', LARGE, TINY],
    [200, 'larger', LARGE, TINY],
    [1, 'smaller', TINY, LARGE],
  ] as const)(`changes nothing, ${where}: offsets %i apart, %s batches`, async (stride, _, first, then) => {
    for (let halts = 1; halts <= 24; halts++) {
      for (let resumes = halts % 4; resumes <= 24; resumes += 4)
        await zombie(stride, [halts, resumes], [first, then]);
    }
  });

  async function zombie(
    stride: number,
    [halts, resumes]: readonly [number, number],
    [first, then]: readonly [Partial<RecorderOptions>, Partial<RecorderOptions>],
  ): Promise<void> {
    const world = createWorld({ stride });
    await world.publish(history(14));
    let resume: () => void = () => {};
    const halted = new Promise<void>((resolve) => {
      resume = resolve;
    });
    let calls = 0;
    const line = new Line(async () => {
      if (++calls > halts) await halted;
      return 'answered';
    });
    const old = await world.member('old', line, first);
    old.listener.assigned(0);
    await world.clock.advance(100);
    let more = 0;
    const fresh = new Line(async () => {
      if (++more === resumes + 1) resume();
      return 'answered';
    });
    const heir = await world.member('heir', fresh, then);
    heir.listener.assigned(0);
    await world.clock.advance(100);
    resume();
    await world.clock.advance(100);
    // Only now the group tells the old one; until then it believed that the partition was its own.
    old.listener.revoked(0);
    await world.publish(history(3, 14));
    await until(world.clock, () => isRecorded(world));
    await expectExact(world);
    await old.recorder.close();
    await heir.recorder.close();
  }
});

type Action =
  | { readonly kind: 'call'; readonly pick: number; readonly outcome: Outcome }
  | { readonly kind: 'assign' | 'revoke'; readonly who: number }
  | { readonly kind: 'publish'; readonly count: number }
  | { readonly kind: 'wait'; readonly ms: number };

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Outcome>('answered') },
  fc.constantFrom<Outcome>('refused-before', 'refused-after'),
);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({ kind: fc.constant('call' as const), pick: fc.nat(50), outcome }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('assign', 'revoke'), who: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('publish' as const), count: fc.nat(8) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(10, 120, 1_500) }),
  },
);

describe('recorders that do not know of each other', () => {
  it('record everything once, in order, whatever they do and whatever becomes of their calls', async () => {
    const law = fc.asyncProperty(
      fc.constantFrom(1, 200, 700, 2_500),
      fc.integer({ min: 1, max: 6 }),
      fc.array(action, { minLength: 20, maxLength: 120 }),
      async (stride, snapshotEvery, actions) => {
        const world = createWorld({ stride });
        const held = new Held();
        let published = 0;
        const publish = async (count: number): Promise<void> => {
          await world.publish(history(count, published));
          published += count;
        };
        await publish(8);
        const names = ['a', 'b', 'c'];
        const sizes = [LARGE, TINY, SMALL];
        const join = (name: string, i: number) =>
          world.member(name, held.line(name), { ...sizes[i], snapshotEvery });
        const members = await Promise.all(names.map(join));
        members[0]?.listener.assigned(0);
        for (const one of actions) {
          if (one.kind === 'call') held.release(one.pick, one.outcome);
          else if (one.kind === 'publish') await publish(one.count);
          else if (one.kind === 'wait') await world.clock.advance(one.ms);
          else if (one.kind === 'assign') members[one.who]?.listener.assigned(0);
          else members[one.who]?.listener.revoked(0);
          await settle();
        }
        held.open();
        for (const { listener } of members) listener.revoked(0);
        await world.clock.advance(10_000);
        members[1]?.listener.assigned(0);
        await publish(5);
        await until(world.clock, () => isRecorded(world));
        await settle();
        await expectExact(world);
        await Promise.all(members.map(({ recorder }) => recorder.close()));
      },
    );
    await fc.assert(law, { numRuns: 150 });
  });
});
