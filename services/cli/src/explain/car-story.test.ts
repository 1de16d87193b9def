// Lines of the story of a limit, one by one.

import { describe, expect, it } from 'vitest';
import { amountText, carLines, planLines, shareLines, transformerLines } from './car-story.js';
import type { Chain } from './chain.js';

type Binding = NonNullable<Chain['binding']>;
const binding = (change: Partial<Binding> = {}): Binding => ({
  node: 'grid',
  phase: 1,
  line: null,
  by: 'rating',
  capacity: 40,
  gainA: null,
  sharers: null,
  until: null,
  lines: [],
  event: null,
  ...change,
});
const carAt = (change: Partial<Chain>): Chain => ({
  connector: 'A/1',
  site: 's',
  at: '2026-03-02T08:00:00.000Z',
  offerA: 16,
  drawA: null,
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
    ['delta', { line: 'primary', phase: 2 }, '40 A on line C of the primary side left for charging'],
    ['wye', { line: 'unbalance' }, 'at most 40 A between two of its phases'],
    ['wye', { phase: null, capacity: 22_000 }, '22 kW left for charging'],
  ] as const)('in %s, %j: %s', (wiring, change, text) => {
    expect(amountText(binding(change), wiring)).toBe(text);
  });

  it('has a worth, sharers and an end', () => {
    const until = '2026-03-02T09:00:00.000Z';
    expect(shareLines(binding({ gainA: 0.25, sharers: 4, until }))).toEqual([
      `      4 connectors share the last of it; 1 A more would give this one 0.25 A; as it is until ${until} at the latest`,
    ]);
    expect(shareLines(binding({ phase: null, gainA: 0.0014, sharers: 1 }))).toEqual([
      '      1 kW more would give this one 1.4 A',
    ]);
    expect(shareLines(binding({ gainA: 0 }))).toEqual([]);
  });

  it('has the lines of its transformer beside it', () => {
    const lines = [
      { side: 'primary', limitA: [180, 180, 180], offeredA: [170, 160, 165], drawnA: [90, 90, 90] },
    ] as const;
    expect(transformerLines(binding({ lines }))).toEqual([
      '      Lines of the primary side: 170/160/165 A may flow, 90 A do, of 180 A',
    ]);
  });
});

describe('the car', () => {
  it('counts where its meter showed it, or on every phase', () => {
    expect(carLines(carAt({ carPhases: [0] }))[0]).toBe('    Its car uses L1, as its meter showed');
    expect(carLines(carAt({ wiring: 'delta' }))[0]).toContain('It counts on each of AB/BC/CA:');
    expect(carLines(carAt({ phases: [1] }))).toEqual([]);
    expect(carLines(carAt({ session: null }))).toEqual([]);
  });

  it('has needs with their sources', () => {
    const needs = {
      energyWh: 12_340,
      energySource: 'site',
      departAt: '2026-03-02T17:30:00.000Z',
      departSource: 'driver',
    } as const;
    expect(carLines(carAt({ needs }))[1]).toBe(
      '    It wants 12.3 kWh more (assumed by the site file), leaves at 2026-03-02T17:30:00.000Z (its driver said)',
    );
    const nothing = { energyWh: null, energySource: null, departAt: null, departSource: null };
    expect(carLines(carAt({ needs: nothing }))[1]).toBe('    It said nothing of energy or departure');
  });

  it('waits for what the plan has for it', () => {
    const event = { receivedAt: '2026-03-02T07:00:00.000Z', position: 9, id: 'p' } as NonNullable<
      Chain['plan']
    >['event'];
    expect(planLines({ event, limitA: 0, moreAt: '2026-03-02T12:00:00.000Z' })).toEqual([
      '    The plan has 0 A for it now, more from 2026-03-02T12:00:00.000Z  [2026-03-02T07:00:00.000Z, position 9, p]',
    ]);
    expect(planLines(null)).toEqual([]);
  });
});
