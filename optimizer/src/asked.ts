// What sharing is asked: the policy that is followed, and what is known of each car's needs.

import type { Policy, SiteConfig } from '@ampledger/domain';
import type { Needs } from './policy/index.js';
import type { Problem } from './problem.js';
import { type SiteNetwork, siteNetwork } from './site-network.js';

/** The policy that is followed: see `policyFor`. */
export const policyOf = (problem: Problem, config: SiteConfig): Policy =>
  policyFor(config.policy, needsByLeaf(problem, siteNetwork(config, problem.phases)));

/** Where nothing is known of any car there is nothing to balance. */
export function policyFor(policy: Policy, { remainingWh, hoursLeft }: ByLeaf): Policy {
  const looksAtNeeds = policy === 'balanced' || policy === 'urgent';
  const unknown = (value: number): boolean => value === Number.POSITIVE_INFINITY;
  const nothing = remainingWh.every(unknown) && hoursLeft.every(unknown);
  return looksAtNeeds && nothing ? 'fair' : policy;
}

const WH_STEP = 100;
const HOURS_STEP = 0.25;
/** In steps, so that an hour's passing is no change of anybody's limit. */
const inSteps = (value: number, step: number): number => Math.ceil(value / step) * step;

interface ByLeaf extends Needs {
  readonly remainingWh: Float64Array;
  readonly hoursLeft: Float64Array;
}

export function needsByLeaf(problem: Problem, { network }: SiteNetwork): ByLeaf {
  const { leaves } = network;
  const needs = {
    remainingWh: new Float64Array(leaves).fill(Number.POSITIVE_INFINITY),
    hoursLeft: new Float64Array(leaves).fill(Number.POSITIVE_INFINITY),
    deliveredWh: new Float64Array(leaves),
  };
  for (const { index, needs: known } of problem.candidates) {
    if (known === null) continue;
    const { energyWh, departAt, deliveredWh } = known;
    if (energyWh !== null) needs.remainingWh[index] = inSteps(energyWh, WH_STEP);
    if (departAt !== null)
      needs.hoursLeft[index] = inSteps(Math.max(0, departAt - problem.now) / 3_600_000, HOURS_STEP);
    needs.deliveredWh[index] = inSteps(deliveredWh, WH_STEP);
  }
  return needs;
}
