// Feed-in below a transformer: neither silence nor the sun alone makes room in a primary line.

import { nodeId } from '@ampledger/kernel';
import { expect, it } from 'vitest';
import type { DomainEvent } from './event-types.js';
import {
  countedLoads,
  lineDrawnA,
  lineShortage,
  topologyOf,
  transformerLines,
  unmanagedSpans,
} from './index.js';
import { at, configured, given, key, SITE, siteOf } from './testing.js';

const site = siteOf({
  nodes: [
    { id: 'grid', transformer: { secondaryA: null, primaryA: [20, 100, 100], ratio: 4 } },
    { id: 'pv', parent: 'grid', unmanaged: { kind: 'metered', maxA: [0, 0, 0], staleAfterS: 60 } },
  ],
  stations: [{ id: 'A', node: 'grid', connectors: [{ phases: [0], maxA: 80 }] }],
  site: { wiring: 'delta', voltageV: 208 },
  control: { unseen: 'absent' },
});
const fed: DomainEvent = {
  type: 'NodeLoadMeasured',
  data: { site: SITE, node: nodeId('pv'), loadA: [0, -40, 0] },
};
const most = (s: number): number => {
  const state = given([
    [0, configured(site)],
    [1, fed],
  ]);
  const placed = topologyOf(site).byKey.get(key('A'));
  if (!placed) throw new Error();
  const { drawn, feed } = unmanagedSpans(state, at(s));
  const { load } = countedLoads(state, at(s));
  let a = 0;
  while (
    a < 200 &&
    lineShortage(site, placed, { rows: [load, drawn], feed, moreA: [a + 0.1, 0, 0], within: 'limit' }) ===
      null
  )
    a += 0.1;
  return a;
};
it('silence of the meter of photovoltaics makes no room in a primary line', () => {
  const [heard, silent] = [most(2), most(100)];
  expect(silent).toBeLessThanOrEqual(heard + 0.05);
});

it('what is fed in alone makes no room for what is drawn without it', () => {
  // 150 A fed in on leg BC alone are 37.5 A in primary line A, which may carry 20 A.
  const lots: DomainEvent = {
    type: 'NodeLoadMeasured',
    data: { site: SITE, node: nodeId('pv'), loadA: [0, -150, 0] },
  };
  const state = given([
    [0, configured(site)],
    [1, lots],
  ]);
  const placed = topologyOf(site).byKey.get(key('A'));
  if (!placed) throw new Error();
  const { drawn, feed } = unmanagedSpans(state, at(2));
  const { load } = countedLoads(state, at(2));
  const [line] = transformerLines(site);
  if (!line) throw new Error();
  const fits: number[] = [];
  for (let a = 1; a < 200; a++)
    if (lineShortage(site, placed, { rows: [load, drawn], feed, moreA: [0, 0, a], within: 'limit' }) === null)
      fits.push(a);
  const most = Math.max(0, ...fits);
  expect(lineDrawnA(line, [0, 0, most])).toBeLessThanOrEqual(line.limitA);
});
