// The promise of "no overload" at the only events by which the engine could break it: calls that
// let a station hold more than before. None of them may put a link of the tree over its ceiling.

import {
  countedA,
  countedLoads,
  type EventData,
  ledgerInput,
  linkAt,
  linkCapacities,
  type PlacedConnector,
  type SiteState,
  topologyOf,
} from '@ampledger/domain';
import { type PerPhase, phaseName } from '@ampledger/kernel';
import type { Findings } from './finding.js';

export const TOLERANCE = 1e-6;

type Requested = EventData<'CallRequested'>;

interface Counted {
  readonly placed: PlacedConnector;
  readonly currentA: PerPhase;
}

/** What the connectors of a call count at, before the call is folded. */
export function countedBefore(state: SiteState, { grants }: Requested, at: number): readonly Counted[] {
  const { byKey } = topologyOf(state.config);
  return grants.flatMap(({ connector }) => {
    const placed = byKey.get(connector);
    return placed === undefined ? [] : [{ placed, currentA: countedA(ledgerInput(state, placed), at) }];
  });
}

interface Moment {
  readonly state: SiteState;
  readonly position: number;
  readonly at: number;
}

/** After the call is folded: a link that carries more because of it must be within its ceiling. */
export function checkRaise(
  { state, position, at }: Moment,
  before: readonly Counted[],
  findings: Findings,
): void {
  const raised = before.filter(({ placed, currentA }) =>
    isMore(countedA(ledgerInput(state, placed), at), currentA),
  );
  if (raised.length === 0) return;
  findings.checked('raises');
  const { load } = countedLoads(state, at);
  const { ceiling } = linkCapacities(state, at);
  const links = new Set(raised.flatMap(({ placed }) => placed.links));
  for (const link of links) {
    const over = (load[link] ?? 0) - (ceiling[link] ?? 0);
    if (over <= TOLERANCE) continue;
    findings.failed(
      'raises',
      position,
      `${linkText(state, link)} may carry ${load[link]}, and ${ceiling[link]} is allowed`,
    );
    return;
  }
}

const isMore = (after: PerPhase, before: PerPhase): boolean =>
  after.some((value, phase) => value > (before[phase] ?? 0) + TOLERANCE);

export function linkText(state: SiteState, link: number): string {
  const { node, phase } = linkAt(state.config, link);
  return phase === null ? `${node} (watts)` : `${node} on ${phaseName(phase)} (amperes)`;
}
