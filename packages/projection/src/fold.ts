// Folding recorded events into the states of all sites: the one way in which state comes about.

import { evolve, type SiteState, upcast } from '@ampledger/domain';
import { CodedError, type SiteId, type StationId } from '@ampledger/kernel';
import type { RecordedEvent } from '@ampledger/ports';

/** The states of every site, and whose a station is. Owned by one fold. */
export interface Fold {
  readonly sites: Map<SiteId, SiteState>;
  readonly siteOfStation: Map<StationId, SiteId>;
  position: number;
  /** Latest time of receipt folded. */
  receivedAt: number;
}

export const emptyFold = (): Fold => ({
  sites: new Map(),
  siteOfStation: new Map(),
  position: 0,
  receivedAt: 0,
});

/** Folds one event; events that the fold has seen already change nothing. */
export function foldEvent(fold: Fold, event: RecordedEvent): void {
  if (event.position <= fold.position) return;
  fold.position = event.position;
  fold.receivedAt = Math.max(fold.receivedAt, event.meta.receivedAt);
  const site = event.key as SiteId;
  const before = fold.sites.get(site);
  if (before !== undefined && before.position >= event.position) return;
  const current = upcast(event);
  if (current.kind === 'too-new') {
    throw new CodedError('EVENT_TOO_NEW', tooNew(event));
  }
  if (current.kind === 'unknown-type') return;
  const after = evolve(before, { ...event, data: current.data });
  if (after === undefined) fold.sites.delete(site);
  else fold.sites.set(site, after);
  if (event.type === 'SiteConfigured' || event.type === 'SiteRemoved') indexStations(fold);
}

const tooNew = (event: RecordedEvent): string =>
  `Event ${event.position} is a ${event.type} of version ${event.version}, which a later release wrote. ` +
  'Start that release or a later one; this one cannot rebuild the state from it.';

export function indexStations(fold: Fold): void {
  fold.siteOfStation.clear();
  for (const [site, state] of fold.sites) {
    for (const station of state.config.stations) fold.siteOfStation.set(station.id, site);
  }
}
