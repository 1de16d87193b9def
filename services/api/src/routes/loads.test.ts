import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, startBench } from '../testing.js';

describe('unmanaged load', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench();
  });
  afterEach(() => bench.close());

  const put = (payload: object, node = 'house') =>
    bench.api.inject({ method: 'PUT', url: `/api/v1/sites/garage/nodes/${node}/load`, payload });

  it.each([
    ['one current', { currentA: 8 }, [8, 8, 8]],
    ['three currents', { currentA: [1, 2.5, -3] }, [1, 2.5, -3]],
    ['the power of all phases', { powerW: 6900 }, [10, 10, 10]],
    ['the power of each phase', { powerW: [230, 460, 0] }, [1, 2, 0]],
  ])('takes %s', async (_what, body, loadA) => {
    const answer = await put(body);
    expect(answer.json()).toEqual({ site: 'garage', node: 'house', loadA, position: 2 });
    const events = await bench.api.inject('/api/v1/events?type=NodeLoadMeasured');
    expect(events.json().events[0].data).toEqual({ site: 'garage', node: 'house', loadA });
  });

  it('shows in the state of the site', async () => {
    await put({ currentA: [8, 9, 10] });
    const { nodes } = (await bench.api.inject('/api/v1/sites/garage')).json();
    expect(nodes[1]).toMatchObject({ unmanagedA: [8, 9, 10], unmanagedStale: false });
  });

  it.each([
    ['a node without a meter', { currentA: 1 }, 'main', 409],
    ['an unknown node', { currentA: 1 }, 'cellar', 404],
    ['neither current nor power', {}, 'house', 400],
    ['both', { currentA: 1, powerW: 1 }, 'house', 400],
    ['too much', { currentA: 1e9 }, 'house', 400],
  ])('refuses %s', async (_what, body, node, status) => {
    expect((await put(body, node)).statusCode).toBe(status);
    expect(bench.projection.position).toBe(1);
  });
});
