// Lines of the story of a limit, one by one.

import { describe, expect, it } from 'vitest';
import { amountText, carLines, planLines, shareLines, transformerLines } from './car-story.js';
import type { Chain } from './chain.js';
import { siteClock } from './site-clock.js';
import { storyOf } from './story.js';

type Binding = NonNullable<Chain['binding']>;
type Event = NonNullable<Chain['plan']>['event'];
const binding = (change: Partial<Binding> = {}): Binding => ({
  node: 'grid',
  phase: 1,
  line: null,
  by: 'rating',
  capacity: 40,
  gainA: null,
  sharers: null,
  until: null,
  together: null,
  lines: [],
  event: null,
  ...change,
});
const PRIMARY: Binding['lines'][number] = {
  ...{ side: 'primary', limitA: [180, 180, 180] },
  ...{ offeredA: [170, 160, 165], drawnA: [90, 90, 90] },
};
const clock = siteClock('Europe/Berlin');
const carAt = (change: Partial<Chain>): Chain => ({
  connector: 'A/1',
  site: 's',
  at: '2026-03-02T08:00:00.000Z',
  timeZone: 'Europe/Berlin',
  offerA: 16,
  drawA: null,
  ownDrawA: null,
  allocation: null,
  binding: null,
  wiring: 'wye',
  phases: [0, 1, 2],
  carPhases: null,
  needs: null,
  plan: null,
  session: { id: 'A:1', started: null },
  meter: null,
  call: null,
  ...change,
});

describe('the limit that binds', () => {
  it.each([
    ['wye', {}, '40 A on L2 left for charging'],
    ['delta', {}, '40 A on BC left for charging'],
    [
      'delta',
      { line: 'primary', phase: 2, lines: [PRIMARY] },
      '40 A on line C of the transformer’s primary side, with all that flows there',
    ],
    ['delta', { line: 'secondary', phase: 2 }, '40 A on line C, with all that flows there'],
    ['wye', { line: 'unbalance' }, 'at most 40 A between two of its phases'],
    ['wye', { phase: null, capacity: 22_000 }, '22 kW left for charging'],
  ] as const)('in %s, %j: %s', (wiring, change, text) => {
    expect(amountText(binding(change), wiring)).toBe(text);
  });

  it('has a worth, sharers and an end', () => {
    const until = '2026-03-02T09:00:00.000Z';
    expect(shareLines(binding({ gainA: 0.25, sharers: 4, until }), { clock, wiring: 'wye' })).toEqual([
      `      4 connectors share the last of it; 1 A more would add 0.25 A to the share of this one; as it is until 2026-03-02 10:00:00 at the latest`,
    ]);
    expect(shareLines(binding({ phase: null, gainA: 0.0014, sharers: 1 }), { clock, wiring: 'wye' })).toEqual(
      ['      1 kW more would add 1.4 A to the share of this one'],
    );
    const together = [0, 1, 2] as const;
    expect(shareLines(binding({ gainA: 0.25, together }), { clock, wiring: 'delta' })).toEqual([
      '      1 A more on each of legs AB, BC, CA would add 0.25 A to the share of this one',
    ]);
    const uneven = binding({ line: 'unbalance', gainA: 1, sharers: 1 });
    expect(shareLines(uneven, { clock, wiring: 'wye' })).toEqual([
      '      1 A more between its phases would add 1 A to the share of this one',
    ]);
    expect(shareLines(binding({ gainA: 0 }), { clock, wiring: 'wye' })).toEqual([]);
    expect(shareLines(binding({ gainA: 0, sharers: 3 }), { clock, wiring: 'wye' })).toEqual([
      '      3 others share the last of it',
    ]);
    expect(shareLines(binding({ gainA: 0, sharers: 1 }), { clock, wiring: 'wye' })).toEqual([
      '      another connector has the last of it',
    ]);
  });

  it('has the lines of its transformer beside it', () => {
    expect(transformerLines(binding({ lines: [PRIMARY] }))).toEqual([
      '      Lines of the transformer’s primary side: 170/160/165 A may flow, 90 A do, of 180 A',
    ]);
    // A panel has no transformer.
    expect(transformerLines(binding({ lines: [{ ...PRIMARY, side: 'secondary' }] }))).toEqual([
      '      Lines: 170/160/165 A may flow, 90 A do, of 180 A',
    ]);
  });
});

describe('the car', () => {
  it('counts where its meter showed it, or on every phase', () => {
    expect(carLines(carAt({ carPhases: [0] }), clock)[0]).toBe('    Its car uses L1, as its meter showed');
    expect(carLines(carAt({ wiring: 'delta' }), clock)[0]).toContain('It counts on each of AB/BC/CA:');
    expect(carLines(carAt({ phases: [1] }), clock)).toEqual([]);
    expect(carLines(carAt({ session: null }), clock)).toEqual([]);
  });

  it('has needs with their sources', () => {
    const needs = {
      energyWh: 12_340,
      energySource: 'site',
      departAt: '2026-03-02T17:30:00.000Z',
      departSource: 'driver',
    } as const;
    expect(carLines(carAt({ needs }), clock)[1]).toBe(
      '    It wants 12.3 kWh more (assumed by the site file), leaves at 2026-03-02 18:30:00 (its driver said)',
    );
    const nothing = { energyWh: null, energySource: null, departAt: null, departSource: null };
    expect(carLines(carAt({ needs: nothing }), clock)[1]).toBe('    It said nothing of energy or departure');
  });

  it('waits for what the plan has for it', () => {
    const event = { receivedAt: '2026-03-02T07:00:00.000Z', position: 9, id: 'p' } as NonNullable<
      Chain['plan']
    >['event'];
    expect(planLines({ event, limitA: 0, moreAt: '2026-03-02T12:00:00.000Z' }, clock)).toEqual([
      '    The plan has 0 A for it now, more from 2026-03-02 13:00:00  [2026-03-02 08:00:00, position 9, p]',
    ]);
    expect(planLines(null, clock)).toEqual([]);
  });
});

it('draws in amperes of its limit: behind a delta of its lines', () => {
  const drawn = { drawA: [18.5, 18.5, 18.5], ownDrawA: 32 } as const;
  const headOf = (change: Partial<Chain>): string => storyOf(carAt(change)).split('\n')[0] ?? '';
  expect(headOf({ ...drawn, wiring: 'delta' })).toMatch(/draws 32 A per line \(18.5 A on legs AB\/BC\/CA\)$/);
  expect(headOf({ drawA: [0, 7, 0], ownDrawA: 7, wiring: 'delta', phases: [1] })).toMatch(/draws 0\/7\/0 A$/);
  expect(headOf({ drawA: [7, 6, 5], ownDrawA: 7 })).toMatch(/draws 7\/6\/5 A$/);
  expect(headOf({})).toMatch(/draws an unknown current$/);
});

it('is told in the time of the site, which is named', () => {
  expect(storyOf(carAt({}))).toMatch(
    /^A\/1 \(site s\) at 2026-03-02 09:00:00 \(Europe\/Berlin\): may hold 16 A/,
  );
  expect(storyOf(carAt({ timeZone: 'Mars/Base' }))).toContain('2026-03-02 08:00:00 (UTC for Mars/Base)');
  const at = '2026-03-02T07:00:00.000Z';
  const event = (type: string, data: object) =>
    ({
      type,
      data,
      receivedAt: at,
      position: 9,
      id: 'p',
      frame: null,
      causationId: null,
    }) as unknown as Event;
  const grant = { connector: 'A/1', limitA: 16, tailA: 6, kind: 'session', leaseEndsAt: Date.parse(at) };
  const text = storyOf(
    carAt({
      allocation: { limitA: 16, reason: 'because.', event: event('LimitsAllocated', {}) },
      binding: binding({
        by: 'operator',
        until: at,
        event: event('EnvelopeSet', {
          limitA: [9, 9, 9],
          limitW: null,
          from: Date.parse(at),
          to: Date.parse(at),
        }),
      }),
      session: { id: 'A:1', started: { event: event('SessionStarted', {}), frame: null } },
      meter: { event: event('MeterSampled', { energyWh: 1 }), frame: null },
      call: {
        grant: grant as NonNullable<Chain['call']>['grant'],
        event: event('CallRequested', { action: 'SetChargingProfile', payload: {} }),
        answer: event('CallAnswered', { outcome: 'result', status: 'Accepted' }),
      },
      plan: { event: event('PlanMade', {}), limitA: 0, moreAt: at },
      needs: { energyWh: 1, energySource: 'driver', departAt: at, departSource: 'driver' },
    }),
  );
  expect(text).toContain('from 2026-03-02 08:00:00 until 2026-03-02 08:00:00');
  // Not a moment in another way of writing.
  expect(text).not.toMatch(/\dT\d|\dZ/);
});
