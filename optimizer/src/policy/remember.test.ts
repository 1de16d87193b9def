// What is remembered is the answer to the very question, whichever part of it was another before.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildNetwork, createScratch, type Network, type Scratch } from '../solver/index.js';
import { EVERYTHING, randomNetwork, seeded } from '../solver/test-networks.js';
import type { Needs } from './needs.js';
import { createShareMemory, shareAgain } from './remember.js';
import { POLICIES, type Policy, share } from './share.js';
import { needsOf } from './test-needs.js';

interface Question {
  readonly network: Network;
  readonly needs: Record<keyof Needs, Float64Array>;
  policy: Policy;
}

const PARTS = ['minA', 'maxA', 'limit', 'remainingWh', 'hoursLeft', 'deliveredWh', 'policy'] as const;

function question(seed: number): Question {
  const network = buildNetwork(randomNetwork(seeded(seed), EVERYTHING));
  const { remainingWh, hoursLeft, deliveredWh } = needsOf(network, seed);
  const copy = (values: ArrayLike<number>): Float64Array => Float64Array.from(values);
  const needs = {
    remainingWh: copy(remainingWh),
    hoursLeft: copy(hoursLeft),
    deliveredWh: copy(deliveredWh),
  };
  return { network, needs, policy: 'balanced' };
}

/** Changes one number of a part, so that it may matter; twice is as before. */
function change({ network, needs }: Question, part: Exclude<(typeof PARTS)[number], 'policy'>, at: number) {
  const values = { ...needs, minA: network.minA, maxA: network.maxA, limit: network.limit }[part];
  const i = at % values.length;
  const before = values[i] as number;
  values[i] = Number.isFinite(before) ? before * 0.5 : before;
  return () => {
    values[i] = before;
  };
}

const answer = ({ limitA, level, binding }: Scratch) => [limitA, level, binding].map((a) => Array.from(a));

function fresh({ network, needs, policy }: Question) {
  const scratch = createScratch(network);
  share(network, scratch, needs, policy);
  return answer(scratch);
}

describe('shareAgain', () => {
  it('answers as share does, to the bit', () => {
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.array(fc.tuple(fc.constantFrom(...PARTS), fc.nat(1_000), fc.boolean()), { maxLength: 12 }),
        (seed, changes) => {
          const asked = question(seed);
          const memory = createShareMemory();
          const scratch = createScratch(asked.network);
          const again = () => {
            shareAgain({ network: asked.network, scratch }, memory, asked.needs, asked.policy);
            return answer(scratch);
          };
          expect(again()).toEqual(fresh(asked));
          for (const [part, at, undo] of changes) {
            let back = (): void => undefined;
            if (part === 'policy') asked.policy = POLICIES[at % POLICIES.length] ?? 'fair';
            else back = change(asked, part, at);
            expect(again()).toEqual(fresh(asked));
            if (undo) back();
            expect(again()).toEqual(fresh(asked));
          }
        },
      ),
      { numRuns: Number(process.env.POLICY_RUNS ?? 40) },
    );
  });

  it('sees a change of each part by itself', () => {
    for (const part of PARTS) {
      const differs = Array.from({ length: 40 }, (_, seed) => seed).some((seed) => {
        const asked = question(seed);
        const memory = createShareMemory();
        const scratch = createScratch(asked.network);
        const again = () => {
          shareAgain({ network: asked.network, scratch }, memory, asked.needs, asked.policy);
          return answer(scratch);
        };
        const before = again();
        if (part === 'policy') asked.policy = 'throughput';
        else for (let at = 0; at < asked.network.leaves; at++) change(asked, part, at);
        const after = again();
        expect(after, `${part}, seed ${seed}`).toEqual(fresh(asked));
        return JSON.stringify(after) !== JSON.stringify(before);
      });
      expect(differs, part).toBe(true);
    }
  });

  it('remembers a few, and asks again for the rest', () => {
    const asked = question(3);
    const memory = createShareMemory();
    const scratch = createScratch(asked.network);
    const again = () => shareAgain({ network: asked.network, scratch }, memory, asked.needs, asked.policy);
    for (let k = 0; k < 20; k++) {
      asked.network.maxA[0] = 10 + k;
      again();
    }
    const [latest] = memory.answers;
    expect(memory.answers.length).toBeLessThanOrEqual(8);
    again();
    expect(memory.answers[0]).toBe(latest);
  });
});
