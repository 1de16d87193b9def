import { nodeId } from '@ampledger/kernel';
import { expect, test } from 'vitest';
import { aConnector, aPlan, aSite, HOUR_MS, NOON } from '../testing.js';
import { readPlace, writePlace } from './place.js';
import {
  type Change,
  chartUntil,
  chosenNode,
  initialState,
  type PageState,
  planInForce,
  planToLoad,
  update,
} from './state.js';
import { branchesOf } from './tree.js';

const start = initialState(NOON, { site: null, moment: null });
const after = (...changes: readonly Change[]): PageState => changes.reduce(update, start);
const SITES: Change = {
  kind: 'sites',
  sites: [
    { id: 'garage', name: null },
    { id: 'depot', name: null },
  ],
};
const VIEW: Change = { kind: 'view', view: aSite(), heardAt: NOON };

test('the first site is shown, unless the address asks for another that exists', () => {
  expect(after(SITES).site).toBe('garage');
  expect(update({ ...start, site: 'depot' }, SITES).site).toBe('depot');
  expect(update({ ...start, site: 'gone' }, SITES).site).toBe('garage');
  expect(after({ kind: 'sites', sites: [] }).site).toBeNull();
});

test('a lost connection keeps the view and remembers since when', () => {
  const lost: Change = { kind: 'lost', status: 0, message: 'gone' };
  const state = after(SITES, VIEW, { kind: 'live' }, lost, { kind: 'tick', now: NOON + 9_000 }, lost);
  expect(state.view).toEqual(aSite());
  expect(state.link).toEqual({ kind: 'lost', message: 'gone', since: NOON });
  expect(state.needsToken).toBe(false);
});

test('401 asks for a token until one is given', () => {
  const refused = after(SITES, { kind: 'lost', status: 401, message: 'token' });
  expect(refused.needsToken).toBe(true);
  expect(update(refused, { kind: 'token-given' }).needsToken).toBe(false);
});

test('the chart goes on while live, and stands still when lost or past', () => {
  const live = after(SITES, VIEW, { kind: 'live' }, { kind: 'tick', now: NOON + 4_000 });
  expect(chartUntil(live)).toBe(NOON + 4_000);
  expect(chartUntil(update(live, { kind: 'lost', status: 0, message: '' }))).toBe(NOON);
  expect(chartUntil({ ...live, moment: NOON })).toBe(NOON);
});

const PLANNED: Change = {
  kind: 'view',
  view: aSite({
    plan: { at: NOON, from: NOON, until: NOON + HOUR_MS, status: 'optimal', sessions: 1, unservedWh: 0 },
  }),
  heardAt: NOON,
};

test('the plan of the view is asked for while live, and stays until it is over or there is none', () => {
  const plan = aPlan([{}]);
  expect(planToLoad(after(SITES, PLANNED))).toBeNull();
  const live = after(SITES, PLANNED, { kind: 'live' });
  expect([planToLoad(live), planInForce(live)]).toEqual([NOON, null]);
  const planned = update(live, { kind: 'plan', plan });
  expect(planInForce(planned)).toEqual(plan);
  expect(planInForce(update(planned, PLANNED))).toEqual(plan);
  expect(planInForce(update(planned, { kind: 'tick', now: NOON + HOUR_MS }))).toBeNull();
  expect(planInForce(update(planned, { kind: 'lost', status: 0, message: '' }))).toEqual(plan);
  for (const change of [
    VIEW,
    { kind: 'moment-chosen', moment: NOON },
    { kind: 'site-chosen', site: 'depot', moment: null },
  ] as const)
    expect(planInForce(update(planned, change))).toBeNull();
  expect(planToLoad({ ...planned, moment: NOON })).toBeNull();
});

test('a look at a connector does not change the chosen node; what is gone is not selected', () => {
  const feeder = nodeId('feeder');
  const { key } = aConnector('cp-1');
  const chosen = after(
    SITES,
    VIEW,
    { kind: 'selected', selection: { node: feeder } },
    { kind: 'selected', selection: { connector: key } },
  );
  expect(chosenNode(chosen)?.id).toBe('feeder');
  const smaller = update(chosen, {
    kind: 'view',
    view: aSite({ connectors: [], nodes: aSite().nodes.slice(0, 1) }),
    heardAt: NOON,
  });
  expect(smaller.selection).toEqual({ node: null, connector: null });
  expect(chosenNode(smaller)?.id).toBe('grid');
});

test('another site or moment starts from nothing', () => {
  const events: Change = {
    kind: 'events',
    events: [{ position: 1, type: 'EngineStarted', receivedAt: NOON, data: {} }],
  };
  const shown = after(SITES, VIEW, events);
  expect(shown.log.story).toHaveLength(1);
  expect(update(shown, { kind: 'site-chosen', site: 'depot', moment: null })).toMatchObject({
    site: 'depot',
    view: null,
    history: [],
  });
  expect(update(shown, { kind: 'moment-chosen', moment: NOON })).toMatchObject({
    moment: NOON,
    history: [],
    log: { story: [] },
  });
});

test.each([
  ['', { site: null, moment: null }],
  ['#site=garage', { site: 'garage', moment: null }],
  ['#site=garage&at=2026-03-02T11:00:00.000Z', { site: 'garage', moment: NOON }],
])('the address %s names a place and back', (hash, place) => {
  expect(readPlace(hash)).toEqual(place);
  expect(writePlace(place)).toBe(hash);
});

test('the tree is read depth first, in the order of the site file, and loses no node', () => {
  const nodes = (['grid', 'a', 'b', 'a1', 'lost'] as const).map((id, index) => ({
    ...(aSite().nodes[0] as NonNullable<ReturnType<typeof chosenNode>>),
    id: nodeId(id),
    parent: [null, nodeId('grid'), nodeId('grid'), nodeId('a'), nodeId('nowhere')][index] ?? null,
  }));
  const branches = branchesOf(aSite({ nodes, connectors: [aConnector('x', { node: nodeId('a1') })] }));
  expect(branches.map(({ node, depth, connectors }) => [node.id, depth, connectors.length])).toEqual([
    ['grid', 0, 0],
    ['a', 1, 0],
    ['a1', 2, 1],
    ['b', 1, 0],
    ['lost', 0, 0],
  ]);
});
