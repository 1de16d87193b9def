import { describe, expect, it } from 'vitest';
import {
  type DomainEvent,
  type NeedsConfig,
  needsOf,
  type SiteState,
  siteView,
  topologyOf,
} from './index.js';
import {
  at,
  configured,
  ended,
  given,
  key,
  metered,
  needsNotified,
  session,
  siteOf,
  started,
  type Told,
} from './testing.js';

const NOTHING: NeedsConfig = { energyWh: null, stayS: null, departMinute: null, learn: false };
const siteWith = (needs: Partial<NeedsConfig>) =>
  siteOf({
    nodes: [{ id: 'grid' }],
    stations: [{ id: 'A', node: 'grid' }],
    site: { needs: { ...NOTHING, ...needs } },
  });

const register = (energyWh: number): DomainEvent => {
  const event = metered('A', [10, 10, 10]);
  if (event.type !== 'MeterSampled') throw new Error('no reading');
  return { type: 'MeterSampled', data: { ...event.data, session: session('A', 't1'), energyWh } };
};

function needsAfter(history: readonly Told[], seconds: number, needs: Partial<NeedsConfig> = {}) {
  const state = given([[0, configured(siteWith(needs))], ...history]);
  return needsIn(state, seconds);
}
function needsIn(state: SiteState, seconds: number) {
  const placed = topologyOf(state.config).byKey.get(key('A'));
  if (placed === undefined) throw new Error('no A');
  return needsOf(state, placed, at(seconds));
}
const came: Told = [100, started('A', 't1')];

describe('what a car wants', () => {
  it('is nothing where no car is', () => expect(needsAfter([], 10)).toBeNull());

  it('is not known where nobody says anything', () => {
    expect(needsAfter([came, [200, register(700)]], 3700)).toEqual({
      energyWh: null,
      energySource: null,
      departAt: null,
      departSource: null,
      deliveredWh: 700,
      hoursHere: 1,
      minA: null,
      maxA: null,
    });
  });

  it('is what was said, less what the register shows since', () => {
    const history: readonly Told[] = [
      came,
      [200, register(1_000)],
      [300, needsNotified('A', { energyWh: 8_000, departAt: at(9_000), maxA: 16 })],
      [400, register(4_000)],
    ];
    expect(needsAfter(history, 400, { energyWh: 99_000, stayS: 60 })).toMatchObject({
      energyWh: 5_000,
      energySource: 'driver',
      departAt: at(9_000),
      departSource: 'driver',
      maxA: 16,
    });
    expect(needsAfter([...history, [500, register(20_000)]], 500)?.energyWh).toBe(0);
    // Past its departure: still what was said.
    expect(needsAfter(history, 9_001)?.departAt).toBe(at(9_000));
  });

  it('counts from the start where it was said before the first reading', () => {
    const said: Told = [150, needsNotified('A', { energyWh: 8_000, source: 'iso15118' })];
    expect(needsAfter([came, said, [400, register(3_000)]], 400)).toMatchObject({
      energyWh: 5_000,
      energySource: 'iso15118',
    });
  });

  it('is what the site file assumes, until it has been delivered', () => {
    const needs = { energyWh: 20_000, stayS: 7_200 };
    expect(needsAfter([came, [200, register(700)]], 200, needs)).toMatchObject({
      energyWh: 19_300,
      energySource: 'site',
      departAt: at(7_300),
      departSource: 'site',
    });
    expect(needsAfter([came, [200, register(20_000)]], 7_300, needs)).toMatchObject({
      energyWh: null,
      energySource: null,
      departAt: null,
      departSource: null,
    });
  });

  it('ends by the clock on the wall where that is earlier', () => {
    // T0 is 09:00 in Berlin.
    const departMinute = 10 * 60;
    expect(needsAfter([came], 200, { stayS: 7_200, departMinute })?.departAt).toBe(at(3_600));
    expect(needsAfter([came], 200, { stayS: 600, departMinute })?.departAt).toBe(at(700));
    expect(needsAfter([came], 200, { departMinute: 8 * 60 })?.departAt).toBe(at(23 * 3_600));
  });
});

describe('what a site learned', () => {
  const DAY = 86_400;
  /** Ten mornings: a car comes at 100 s, takes 6 kWh and leaves after two hours. */
  const mornings = (needs: Partial<NeedsConfig>): SiteState =>
    given([
      [0, configured(siteWith(needs))],
      ...Array.from({ length: 10 }, (_, day): readonly Told[] => {
        const from = day * DAY + 100;
        const id = `t${day}`;
        const event = register(6_000);
        if (event.type !== 'MeterSampled') throw new Error('no reading');
        const reading: DomainEvent = { ...event, data: { ...event.data, session: session('A', id) } };
        return [
          [from, started('A', id)],
          [from + 3_600, reading],
          [from + 7_200, ended('A', id)],
        ];
      }).flat(),
      [10 * DAY + 100, started('A', 'now')],
    ]);

  it('is what a car probably wants', () => {
    expect(needsIn(mornings({ learn: true }), 10 * DAY + 200)).toMatchObject({
      energyWh: 6_000,
      energySource: 'learned',
      departAt: at(10 * DAY + 7_300),
      departSource: 'learned',
    });
  });

  it('is not asked where the site says so, or says it itself', () => {
    expect(needsIn(mornings({}), 10 * DAY + 200)).toMatchObject({ energyWh: null, departAt: null });
    expect(needsIn(mornings({ learn: true, energyWh: 500 }), 10 * DAY + 200)).toMatchObject({
      energyWh: 500,
      energySource: 'site',
      departSource: 'learned',
    });
  });
});

it('is shown', () => {
  const state = given([
    [0, configured(siteWith({}))],
    came,
    [200, needsNotified('A', { energyWh: 8_000, source: 'api' })],
  ]);
  expect(siteView(state, at(300)).connectors[0]?.needs).toEqual({
    energyWh: 8_000,
    energySource: 'api',
    departAt: null,
    departSource: null,
  });
});
