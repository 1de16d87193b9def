// Exchanges against the best set of prices alone.

import { expect, it } from 'vitest';
import { SUMS } from '../solver/index.js';
import { seeded } from '../solver/test-networks.js';
import { choose, effortFor } from './choose.js';
import { createContest, openLinks, openMembers } from './contest.js';
import type { AdmissionInput } from './input.js';
import { overLink, sumLeaves } from './ledger.js';
import { waitingSite } from './test-sites.js';

/** What the chosen are worth, with so many entries for exchanges to look at. */
function worthOf({ network, needA, value }: AdmissionInput, budget: number): number {
  const asked = new Float64Array(network.nodes * SUMS);
  const carried = new Float64Array(network.nodes * SUMS);
  sumLeaves(network, needA, asked);
  const over: number[] = [];
  for (let link = overLink(network, asked); link >= 0; link = overLink(network, asked, link)) over.push(link);
  const contest = createContest(network);
  const leaves = Int32Array.from({ length: network.leaves }, (_, i) => i);
  const run = { network, carried, asked, leaves, amperes: Float64Array.from(needA), value };
  openLinks(contest, run, over);
  openMembers(contest, run);
  choose(contest, { ...effortFor(network.leaves), budget });
  return contest.members.inside.reduce((sum, on, m) => sum + on * (contest.members.value[m] ?? 0), 0);
}

it('never loses by exchanges, and often gains', () => {
  let gained = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const input = waitingSite(seeded(seed), { cars: 60, values: 'mixed', minima: 'mixed' });
    const before = worthOf(input, 0);
    const after = worthOf(input, effortFor(60).budget);
    expect(after).toBeGreaterThan(before - 1e-9);
    if (after > before + 1e-9) gained++;
  }
  expect(gained).toBeGreaterThan(10);
});
