// All that the page knows, and how each thing that happens changes it. Pure.

import type { NodeView, SiteView } from '@ampledger/domain';
import type { ConnectorKey, NodeId } from '@ampledger/kernel';
import type { SitePlan } from '../feed/plan.js';
import type { FeedChange } from '../feed/site-feed.js';
import type { SiteEntry } from '../feed/wire.js';
import { type History, remember } from './history.js';
import { addToLog, EMPTY_LOG, type Log } from './log.js';

export type Link =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly message: string; readonly since: number };

/** Node and connector are chosen apart: a look at a connector does not change what is capped. */
export interface Selection {
  /** What the charts and the cap are about; null: the grid connection. */
  readonly node: NodeId | null;
  /** The connector whose details are open. */
  readonly connector: ConnectorKey | null;
}

const NOTHING_SELECTED: Selection = { node: null, connector: null };

export interface PageState {
  /** null until the list has arrived. */
  readonly sites: readonly SiteEntry[] | null;
  readonly site: string | null;
  /** null: live. Otherwise the moment of the past that the page is frozen at. */
  readonly moment: number | null;
  readonly view: SiteView | null;
  /** When the view arrived, by this machine's clock. */
  readonly heardAt: number;
  /** This machine's time, as of the last tick. */
  readonly now: number;
  readonly link: Link;
  readonly history: History;
  readonly log: Log;
  /** The plan in force, while the page is live; null: there is none, or it is not here yet. */
  readonly plan: SitePlan | null;
  readonly selection: Selection;
  readonly needsToken: boolean;
}

export type Change =
  | FeedChange
  | { readonly kind: 'sites'; readonly sites: readonly SiteEntry[] }
  | { readonly kind: 'site-chosen'; readonly site: string; readonly moment: number | null }
  | { readonly kind: 'moment-chosen'; readonly moment: number | null }
  | { readonly kind: 'plan'; readonly plan: SitePlan | null }
  | { readonly kind: 'past-view'; readonly view: SiteView }
  | { readonly kind: 'selected'; readonly selection: Partial<Selection> }
  | { readonly kind: 'token-given' }
  | { readonly kind: 'tick'; readonly now: number };

export const initialState = (
  now: number,
  place: { site: string | null; moment: number | null },
): PageState => ({
  sites: null,
  ...place,
  view: null,
  heardAt: now,
  now,
  link: { kind: 'connecting' },
  history: [],
  log: EMPTY_LOG,
  plan: null,
  selection: NOTHING_SELECTED,
  needsToken: false,
});

export function update(state: PageState, change: Change): PageState {
  switch (change.kind) {
    case 'view':
      return showView(state, change.view, change.heardAt);
    case 'events':
      return state.view === null ? state : { ...state, log: addToLog(state.log, change.events, state.view) };
    case 'live':
      return { ...state, link: { kind: 'live' } };
    case 'lost':
      return lose(state, change);
    case 'sites':
      return {
        ...state,
        sites: change.sites,
        site: chooseSite(state.site, change.sites),
        link: { kind: 'connecting' },
      };
    case 'site-chosen':
      return {
        ...state,
        site: change.site,
        moment: change.moment,
        selection: NOTHING_SELECTED,
        ...NOTHING_SHOWN,
      };
    case 'moment-chosen':
      return {
        ...state,
        moment: change.moment,
        link: { kind: 'connecting' },
        history: [],
        log: EMPTY_LOG,
        plan: null,
      };
    case 'plan':
      return { ...state, plan: change.plan };
    case 'past-view':
      return { ...state, history: remember(state.history, change.view) };
    case 'selected':
      return { ...state, selection: { ...state.selection, ...change.selection } };
    case 'token-given':
      return { ...state, needsToken: false, link: { kind: 'connecting' } };
    case 'tick':
      return { ...state, now: change.now };
  }
}

const NOTHING_SHOWN = {
  view: null,
  history: [],
  log: EMPTY_LOG,
  plan: null,
  link: { kind: 'connecting' },
} as const;

function showView(state: PageState, view: SiteView, heardAt: number): PageState {
  return {
    ...state,
    view,
    heardAt,
    now: Math.max(state.now, heardAt),
    history: remember(state.history, view),
    plan: view.plan === null ? null : state.plan,
    selection: stillThere(state.selection, view),
  };
}

function lose(state: PageState, { status, message }: Extract<FeedChange, { kind: 'lost' }>): PageState {
  const since = state.link.kind === 'lost' ? state.link.since : state.now;
  return { ...state, link: { kind: 'lost', message, since }, needsToken: state.needsToken || status === 401 };
}

const stillThere = ({ node, connector }: Selection, view: SiteView): Selection => ({
  node: view.nodes.some(({ id }) => id === node) ? node : null,
  connector: view.connectors.some(({ key }) => key === connector) ? connector : null,
});

/** A site asked for by the address stays chosen while it exists; else the first one. */
const chooseSite = (asked: string | null, sites: readonly SiteEntry[]): string | null =>
  (sites.some(({ id }) => id === asked) ? asked : sites[0]?.id) ?? null;

/** The node that charts and caps are about. */
export const chosenNode = ({ selection, view }: PageState): NodeView | undefined =>
  view?.nodes.find(({ id }) => id === selection.node) ?? view?.nodes[0];

/** Which plan the site follows, of those that the page can show: there is one of now, none of the past. */
export const planToLoad = ({ view, moment, link }: PageState): number | null =>
  moment === null && link.kind === 'live' ? (view?.plan?.at ?? null) : null;

/** Until it is over. */
export const planInForce = (state: PageState): SitePlan | null =>
  state.plan !== null && chartUntil(state) < state.plan.to ? state.plan : null;

/** The right edge of the charts: the clock goes on between views for as long as the page is live. */
export function chartUntil({ view, moment, link, now, heardAt }: PageState): number {
  if (view === null) return now;
  return moment === null && link.kind === 'live' ? view.at + Math.max(0, now - heardAt) : view.at;
}
