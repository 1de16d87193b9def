// What every policy promises: no limit is over, and nobody could have more without somebody else's having less.

import { keepsEven, lackingLink, sumLeaves } from '../admission/ledger.js';
import { type Certificate, certify, type Network, SUMS } from '../solver/index.js';

/** More than this must not fit, A: sums round, and a search ends short of the optimum. */
const STEP_A = 1e-3;

/** `limitA`: by leaf, amperes. Bounds and limits are checked as for max-min, maximality instead of bottlenecks. */
export function certifyMaximal(network: Network, limitA: ArrayLike<number>): Certificate {
  const strict = certify(network, limitA);
  if (strict.holds || strict.violation.kind !== 'unjustified') return strict;
  const sums = new Float64Array(network.nodes * SUMS);
  sumLeaves(network, limitA, sums);
  for (let leaf = 0; leaf < network.leaves; leaf++) {
    const has = limitA[leaf] as number;
    if (has + STEP_A >= (network.maxA[leaf] as number)) continue;
    if (lackingLink(network, sums, leaf, STEP_A) >= 0 || !keepsEven(network, sums, leaf, STEP_A)) continue;
    return { holds: false, violation: { kind: 'unjustified', leaf, limitA: has } };
  }
  return { holds: true, overfull: 0 };
}
