// From a state to the event that says what changed in its allocation. Pure.

import type { Allocation, EventData, SiteState } from '@ampledger/domain';
import { allocate } from './allocate.js';
import { problemOf } from './problem.js';

/** The allocations that differ from the state's own, or null when none does. */
export function decideLimits(state: SiteState, now: number): EventData<'LimitsAllocated'> | null {
  const allocations = allocate(problemOf(state, now), state.config).filter((next) => {
    const before = state.connectors.get(next.connector)?.allocation ?? null;
    return (
      before === null ||
      before.limitA !== next.limitA ||
      bindingKey(before.because) !== bindingKey(next.because)
    );
  });
  if (allocations.length === 0) return null;
  const epoch = state.owners.optimizer?.epoch ?? 0;
  return { site: state.site, at: now, basis: state.seq, epoch, allocations };
}

/** Equal for bindings that say the same; how much the link carries at the moment is not part of it. */
function bindingKey(because: Allocation['because']): string {
  return because.kind === 'bound'
    ? because.bound
    : `${because.kind} ${because.node} ${because.phase} ${because.envelope}`;
}
