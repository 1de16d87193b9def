// The page's state and what can be done to it; the connections that the state calls for.

import type { Clock } from '@ampledger/kernel';
import { useEffect, useMemo, useReducer } from 'preact/hooks';
import type { Api, CapRequest } from '../feed/api.js';
import { loadHistory, showMoment } from '../feed/past.js';
import { createSiteFeed } from '../feed/site-feed.js';
import { watchSiteList } from '../feed/site-list.js';
import { readPlace, writePlace } from '../model/place.js';
import {
  type Change,
  initialState,
  type PageState,
  planToLoad,
  type Selection,
  update,
} from '../model/state.js';

export interface Actions {
  chooseSite(site: string): void;
  chooseMoment(moment: number | null): void;
  select(selection: Partial<Selection>): void;
  giveToken(token: string): void;
  setCap(cap: CapRequest): Promise<void>;
  removeCap(node: string): Promise<void>;
}

export interface PageOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly keepToken: (token: string) => void;
}

type Dispatch = (change: Change) => void;

export function usePage({ api, clock, keepToken }: PageOptions): readonly [PageState, Actions] {
  const [state, dispatch] = useReducer<PageState, Change, null>(update, null, () =>
    initialState(clock.now(), readPlace(location.hash)),
  );
  const { site, moment, needsToken } = state;

  useEffect(() => tick(clock, dispatch), [clock]);
  useEffect(() => (needsToken ? undefined : listSites(api, clock, dispatch)), [api, clock, needsToken]);
  useEffect(() => {
    if (site === null || needsToken || state.sites === null) return undefined;
    return moment === null
      ? goLive(api, clock, site, dispatch)
      : goBack({ api, clock, site, moment }, dispatch);
  }, [api, clock, site, moment, needsToken, state.sites === null]);
  const planAt = planToLoad(state);
  useEffect(
    () => (site === null || planAt === null || needsToken ? undefined : loadPlan(api, site, dispatch)),
    [api, site, planAt, needsToken],
  );
  useEffect(
    () => keepPlace(state.sites !== null, writePlace({ site, moment })),
    [site, moment, state.sites === null],
  );
  useEffect(() => followAddress(dispatch), []);

  const actions = useMemo(() => actionsOf(api, keepToken, site, dispatch), [api, keepToken, site]);
  return [state, actions];
}

const actionsOf = (
  api: Api,
  keepToken: (token: string) => void,
  site: string | null,
  dispatch: Dispatch,
): Actions => ({
  chooseSite: (chosen) => dispatch({ kind: 'site-chosen', site: chosen, moment: null }),
  chooseMoment: (moment) => dispatch({ kind: 'moment-chosen', moment }),
  select: (selection) => dispatch({ kind: 'selected', selection }),
  giveToken(token) {
    keepToken(token);
    dispatch({ kind: 'token-given' });
  },
  setCap: async (cap) => (site === null ? undefined : api.setCap(site, cap)),
  removeCap: async (node) => (site === null ? undefined : api.removeCap(site, node)),
});

function tick(clock: Clock, dispatch: Dispatch): () => void {
  const step = (): void => {
    dispatch({ kind: 'tick', now: clock.now() });
    timer = clock.after(1000, step);
  };
  let timer = clock.after(1000, step);
  return () => timer.cancel();
}

function listSites(api: Api, clock: Clock, dispatch: Dispatch): () => void {
  const list = watchSiteList({
    api,
    clock,
    onSites: (sites) => dispatch({ kind: 'sites', sites }),
    onLost: (status, message) => dispatch({ kind: 'lost', status, message }),
  });
  return () => list.close();
}

function goLive(api: Api, clock: Clock, site: string, dispatch: Dispatch): () => void {
  const ended = new AbortController();
  let asked = false;
  const feed = createSiteFeed({
    api,
    clock,
    site,
    onChange(change) {
      dispatch(change);
      if (change.kind !== 'view' || asked) return;
      asked = true;
      const until = change.view.at;
      void loadHistory({ api, site, until, signal: ended.signal }, (view) =>
        dispatch({ kind: 'past-view', view }),
      );
    },
  });
  return () => {
    ended.abort();
    feed.close();
  };
}

function goBack(
  options: { readonly api: Api; readonly clock: Clock; readonly site: string; readonly moment: number },
  dispatch: Dispatch,
): () => void {
  const ended = new AbortController();
  const past = { ...options, signal: ended.signal };
  void showMoment(past, dispatch).then(() =>
    ended.signal.aborted
      ? undefined
      : loadHistory({ ...past, until: options.moment }, (view) => dispatch({ kind: 'past-view', view })),
  );
  return () => ended.abort();
}

/** Where it cannot be had, the one before stays until it is over. */
function loadPlan(api: Api, site: string, dispatch: Dispatch): () => void {
  let closed = false;
  api.plan(site).then(
    (plan) => (closed ? undefined : dispatch({ kind: 'plan', plan })),
    () => undefined,
  );
  return () => {
    closed = true;
  };
}

function keepPlace(known: boolean, hash: string): void {
  if (known && location.hash !== hash)
    history.replaceState(null, '', hash || location.pathname + location.search);
}

function followAddress(dispatch: Dispatch): () => void {
  const onChange = (): void => {
    const { site, moment } = readPlace(location.hash);
    if (site !== null) dispatch({ kind: 'site-chosen', site, moment });
  };
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}
