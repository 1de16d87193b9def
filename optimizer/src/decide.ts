// From a state to the event that says what changed in its allocation. Pure.

import type { Allocation, EventData, SiteState } from '@ampledger/domain';
import { allocate } from './allocate.js';
import { problemOf } from './problem.js';

/** The allocations that differ from the state's own, or null when none does. */
export function decideLimits(state: SiteState, now: number): EventData<'LimitsAllocated'> | null {
  const changes = (next: Allocation): boolean => {
    const before = state.connectors.get(next.connector)?.allocation ?? null;
    return (
      before === null ||
      before.limitA !== next.limitA ||
      before.fairA !== next.fairA ||
      bindingKey(before.because) !== bindingKey(next.because)
    );
  };
  const allocations = allocate(problemOf(state, now), state.config, { explains: changes }).filter(changes);
  if (allocations.length === 0) return null;
  const epoch = state.owners.optimizer?.epoch ?? 0;
  return { site: state.site, at: now, basis: state.seq, epoch, allocations };
}

/** Equal for bindings that say the same; how much the link carries and would give at the moment is not part of it. */
function bindingKey(because: Allocation['because']): string {
  return because.kind === 'bound'
    ? because.bound
    : `${because.kind} ${because.node} ${because.phase} ${because.line ?? ''} ${because.envelope}`;
}
