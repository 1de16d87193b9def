// What the plan in force says of a connector at a moment.

import { INITIAL_CONNECTOR, type PlanData, type SiteState } from '@ampledger/domain';
import type { ConnectorKey } from '@ampledger/kernel';

export type Planned =
  /** No plan, none for this session, or the plan is over: policy alone decides. */
  | { readonly kind: 'none' }
  | { readonly kind: 'limit'; readonly limitA: number }
  | { readonly kind: 'delay' };

const NONE: Planned = { kind: 'none' };

export function plannedAt(state: SiteState, key: ConnectorKey, now: number): Planned {
  const config = state.config.plan;
  const { session } = state.connectors.get(key) ?? INITIAL_CONNECTOR;
  if (config === null || session === null) return NONE;
  const { plan } = state;
  const period = plan === null ? -1 : periodOf(plan, now);
  const planned = plan?.sessions.find((one) => one.connector === key && one.session === session.id);
  const limitA = period < 0 ? undefined : planned?.limitA[period];
  return limitA === undefined ? NONE : { kind: 'limit', limitA };
}

/** Which period of the plan `now` is in; -1 before and after it. */
export function periodOf({ from, periodS, sessions }: PlanData, now: number): number {
  const period = Math.floor((now - from) / (periodS * 1000));
  return period < (sessions[0]?.limitA.length ?? 0) ? period : -1;
}
