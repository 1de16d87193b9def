// From a state to the event that says what changed in its allocation. Pure.

import type { Allocation, EventData, SiteState } from '@ampledger/domain';
import { allocate, type Watch } from './allocate.js';
import { problemOf } from './problem.js';

/** The allocations that differ from the state's own, or null when none does. */
export function decideLimits(
  state: SiteState,
  now: number,
  watch: Watch = {},
): EventData<'LimitsAllocated'> | null {
  watch.entered?.('gather');
  const problem = problemOf(state, now);
  watch.entered?.('finish');
  const solved = allocate(problem, state.config, { watch, explains: differs });
  const ofFixed = problem.fixed.length;
  const allocations = solved.filter((next, i) => {
    const asked = i < ofFixed ? problem.fixed[i] : problem.candidates[i - ofFixed];
    return differs(next, asked?.previous ?? null);
  });
  if (allocations.length === 0) return null;
  const epoch = state.owners.optimizer?.epoch ?? 0;
  return { site: state.site, at: now, basis: state.seq, epoch, allocations };
}

function differs(next: Allocation, before: Allocation | null): boolean {
  return (
    before === null ||
    before.limitA !== next.limitA ||
    before.fairA !== next.fairA ||
    !saysTheSame(before.because, next.because)
  );
}

/** How much the link carries and would give at the moment is not part of it. */
function saysTheSame(a: Allocation['because'], b: Allocation['because']): boolean {
  if (a === b) return true;
  if (a.kind === 'bound') return b.kind === 'bound' && a.bound === b.bound;
  return (
    a.kind === b.kind &&
    a.node === b.node &&
    a.phase === b.phase &&
    a.line === b.line &&
    a.envelope === b.envelope
  );
}
