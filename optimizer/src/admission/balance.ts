// Limits on unbalance between phases. They are not monotone, so they take part in no exchange: where the admitted
// are too uneven, the last of those on the fullest phase go until they are even, and who then fits comes back.

import { linkOf, type Network, SUMS } from '../solver/network.js';
import type { AdmissionInput, AdmissionScratch } from './input.js';
import { addLeaf, keepsEven, lackingLink, unevenNode } from './ledger.js';

/**
 * Takes out who makes a node uneven; for them `link` is the fullest phase there. Ends with every node even, or
 * with none left who could go.
 */
export function evenOut(input: AdmissionInput, scratch: AdmissionScratch): void {
  const { network } = input;
  const { taken, kept, addA, admitted, link, order, runs } = scratch;
  // What stands behind those who were asked is of an earlier call.
  const asked = order.subarray(0, runs[runs.length - 1]);
  const out: number[] = [];
  for (let node = unevenNode(network, taken); node >= 0; node = unevenNode(network, taken)) {
    const uneven = unevenOf(taken, node);
    const leaf = asked.findLast((l) => admitted[l] === 1 && makesUneven(input, scratch, l, uneven));
    if (leaf === undefined) break;
    admitted[leaf] = 0;
    link[leaf] = linkOf(node, uneven.fullest);
    addLeaf(network, taken, leaf, -(addA[leaf] as number));
    out.push(leaf);
  }
  for (const leaf of out.reverse()) {
    const amperes = addA[leaf] as number;
    if (!keepsEven(network, taken, leaf, amperes) || lackingLink(network, taken, leaf, amperes) >= 0)
      continue;
    admitted[leaf] = 1;
    link[leaf] = -1;
    addLeaf(network, taken, leaf, amperes);
  }
  kept.set(taken);
}

interface Uneven {
  readonly node: number;
  readonly fullest: number;
  readonly emptiest: number;
}

function unevenOf(sums: Float64Array, node: number): Uneven {
  const of = [0, 1, 2].map((phase) => sums[node * SUMS + phase] as number);
  return { node, fullest: of.indexOf(Math.max(...of)), emptiest: of.indexOf(Math.min(...of)) };
}

/** Whether a leaf is below the node on its fullest phase, and not on its emptiest. */
function makesUneven(
  { network }: AdmissionInput,
  { addA }: AdmissionScratch,
  leaf: number,
  { node, fullest, emptiest }: Uneven,
): boolean {
  const phases = network.phases[leaf] as number;
  const helps = ((phases >> fullest) & 1) === 1 && ((phases >> emptiest) & 1) === 0;
  return helps && addA[leaf] !== 0 && isBelow(network, leaf, node);
}

const isBelow = ({ placeOf, first, last }: Network, leaf: number, node: number): boolean =>
  (placeOf[leaf] as number) >= (first[node] as number) && (placeOf[leaf] as number) < (last[node] as number);
