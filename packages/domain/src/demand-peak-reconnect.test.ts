// A station that comes back does not add to the peak that it made before.

import { stationId } from '@ampledger/kernel';
import { expect, it } from 'vitest';
import type { DomainEvent } from './event-types.js';
import { commissioned, configured, given, metered, siteOf, started, type Told } from './testing.js';

const site = siteOf({ nodes: [{ id: 'grid', limitA: 80 }], stations: [{ id: 'A', node: 'grid' }] });
const reconnected: DomainEvent = {
  type: 'StationConnected',
  data: { station: stationId('A'), connection: 'c2', protocol: 'ocpp2.0.1', remote: '127.0.0.1' },
};
it('a station that comes back in another version is not counted twice in the peak', () => {
  const history: Told[] = [
    [0, configured(site)],
    ...commissioned('A'),
    [1, started('A', '1')],
    [2, metered('A', [20, 20, 20])],
    [10, reconnected],
    [11, metered('A', [20, 20, 20])],
  ];
  const state = given(history);
  expect(state.peak.powerW).toBeCloseTo(3 * 20 * 230);
});
