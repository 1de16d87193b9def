// The product's tree says the same of limits as the rows of phasors that the data come with.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumsOf } from '../../../optimizer/src/policy/interior.js';
import {
  carriedOf,
  firstLeg,
  KIND,
  KINDS,
  kindOfLink,
  middleLeg,
  nodeOfLink,
  SUMS,
} from '../../../optimizer/src/solver/index.js';
import { caltechMarch, jplWeek } from './datasets.js';
import { addLoad, compileNetwork, createLoads, type Network } from './network.js';
import { siteNetworkOf } from './site-network.js';

/** What the rows carry, in the unit of the tree's links: primary rows are quarters. */
function rowsOf(rows: Network, ratesA: readonly number[]): readonly number[] {
  const loads = createLoads(rows);
  ratesA.forEach((rate, evse) => void addLoad(rows, loads, evse, rate));
  return rows.rowNames.map((name, row) => {
    const turns = name.includes('Primary') ? 4 : 1;
    return turns * Math.hypot(loads.re[row] ?? 0, loads.im[row] ?? 0);
  });
}

const ascending = (values: readonly number[]): readonly number[] => values.toSorted((a, b) => a - b);

describe.each([
  ['caltech', compileNetwork(caltechMarch().topology, 30, 'ideal')],
  ['jpl', compileNetwork(jplWeek().topology, [20, 60], 'ideal')],
])('the tree of %s', (_, rows) => {
  const tree = siteNetworkOf(rows);
  const limited = Array.from(tree.limit.keys()).filter((link) => Number.isFinite(tree.limit[link]));
  const isPrimary = (link: number): boolean => kindOfLink(link) >= KIND.primaryA;
  const rates = fc.array(fc.double({ min: 0, max: 32, noNaN: true }), {
    minLength: rows.evses.length,
    maxLength: rows.evses.length,
  });

  it('has a link for every row, and no other', () => {
    expect(limited.length).toBe(rows.rowNames.length);
    const inRows = rows.rowNames.map(
      (name, row) => (rows.limitA[row] ?? 0) * (name.includes('Primary') ? 4 : 1),
    );
    expect(ascending(limited.map((link) => tree.limit[link] ?? 0))).toEqual(ascending(inRows));
    expect(tree.limit.length).toBe(tree.nodes * KINDS);
  });

  it('carries on sums and secondary lines what the rows carry', () => {
    fc.assert(
      fc.property(rates, (ratesA) => {
        const sums = sumsOf(tree, ratesA);
        const carried = limited
          .filter((link) => !isPrimary(link))
          .map((link) => carriedOf(sums, nodeOfLink(link) * SUMS, kindOfLink(link)));
        const inRows = rowsOf(rows, ratesA).filter((_, row) => !rows.rowNames[row]?.includes('Primary'));
        ascending(carried).forEach((a, i) => void expect(a).toBeCloseTo(ascending(inRows)[i] ?? 0, 6));
      }),
    );
  });

  it('carries on primary lines the rows at the worst of what cars may draw', () => {
    fc.assert(
      fc.property(rates, (ratesA) => {
        const sums = sumsOf(tree, ratesA);
        for (const link of limited.filter(isPrimary)) {
          const [node, kind] = [nodeOfLink(link), kindOfLink(link)];
          const corners = [-1, firstLeg(kind), middleLeg(kind)].map((off) => {
            const drawn = ratesA.map((a, leaf) => ((tree.phases[leaf] ?? 0) === 1 << off ? 0 : a));
            return lineOf(rows, link, drawn);
          });
          expect(carriedOf(sums, node * SUMS, kind)).toBeCloseTo(Math.max(...corners), 6);
        }
      }),
    );
  });

  /** The row of a primary link: transformers stand in the order of their rows, lines A, B, C. */
  function lineOf(of: Network, link: number, drawnA: readonly number[]): number {
    const primary = [...of.rowNames.keys()].filter((row) => of.rowNames[row]?.includes('Primary'));
    const row = primary[3 * nodeOfLink(link) + kindOfLink(link) - KIND.primaryA] ?? -1;
    return rowsOf(of, drawnA)[row] ?? Number.NaN;
  }
});
