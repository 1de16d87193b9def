import { describe, expect, it } from 'vitest';
import { caltechMarch, jplWeek, weeks } from './datasets.js';
import { PERIODS_A_WEEK, readSessions, weeksOf } from './sessions.js';
import { parseTopology } from './topology.js';

describe('the data', () => {
  it('are whole', () => {
    const total = ({ sessions }: ReturnType<typeof jplWeek>) =>
      sessions.reduce((sum, s) => sum + s.requestedKwh, 0);
    expect(caltechMarch().sessions).toHaveLength(954);
    expect(total(caltechMarch())).toBeCloseTo(8900.522101, 6);
    expect(jplWeek().sessions).toHaveLength(339);
    expect(total(jplWeek())).toBeCloseTo(4947.731, 6);
    expect(caltechMarch().topology.transformers.map(({ ratedKw }) => Math.round(ratedKw))).toEqual([150]);
    expect(jplWeek().topology.transformers.map(({ ratedKw }) => Math.round(ratedKw))).toEqual([45, 150]);
  });

  it('by week are the week that was taken out by others', () => {
    const byId = new Map(
      weeks('jpl')
        .find(({ name }) => name === 'jpl 2019-05-06')
        ?.sessions.map((s) => [s.id, s]),
    );
    const { sessions } = jplWeek();
    expect(byId.size).toBe(sessions.length);
    for (const session of sessions) {
      expect(byId.get(session.id)).toEqual({
        ...session,
        requestedKwh: expect.closeTo(session.requestedKwh, 6),
      });
    }
  });

  it('by week are all of them, each in periods of its own week', () => {
    const all = weeks('caltech');
    expect(all).toHaveLength(36);
    expect(all.reduce((sum, { sessions }) => sum + sessions.length, 0)).toBe(6704);
    for (const { sessions } of all) {
      for (const { arrival } of sessions) expect(arrival).toBeLessThan(PERIODS_A_WEEK);
    }
  });

  it('tell what the drivers declared when asked for it', () => {
    const [known, declared] = [weeks('caltech'), weeks('caltech', 'declared')];
    const early = declared[5]?.sessions.filter((s) => s.estimatedDeparture < s.departure) ?? [];
    expect(early.length).toBeGreaterThan(0);
    expect(declared[5]?.sessions.map((s) => s.departure)).toEqual(known[5]?.sessions.map((s) => s.departure));
  });
});

describe('weeks', () => {
  it('shift what arrives in them, and keep a stay whole', () => {
    const session = { ...caltechMarch().sessions[0], id: 'x', evse: 'y', requestedKwh: 1, carMaxKw: 6.6 };
    const [arrival, departure] = [PERIODS_A_WEEK + 5, 2 * PERIODS_A_WEEK + 1];
    const split = weeksOf([{ ...session, arrival, departure, estimatedDeparture: departure }]);
    expect(split.get(1)).toMatchObject([{ arrival: 5, departure: PERIODS_A_WEEK + 1 }]);
  });
});

describe('a file that is not what it should be', () => {
  const evse = {
    id: 'a',
    phase_angle_deg: 30,
    voltage: 208,
    min_rate: 6,
    max_rate: 32,
    allowable: [0, 6, 32],
  };
  const row = { name: 'Secondary A', limit_amps: 10, coeff: { a: 1 } };
  const site = { site: 's', period_min: 5, voltage: 208, evses: [evse], constraints: [row] };

  it.each([
    ['no list of EVSEs', { ...site, evses: {} }, 'evses is no list'],
    ['an EVSE twice', { ...site, evses: [evse, evse] }, 'an id stands twice'],
    ['steps out of order', { ...site, evses: [{ ...evse, allowable: [0, 32, 6] }] }, 'not ascending'],
    ['a minimum that is no step', { ...site, evses: [{ ...evse, min_rate: 8 }] }, 'disagree'],
    [
      'a row about an unknown EVSE',
      { ...site, constraints: [{ ...row, coeff: { b: 1 } }] },
      'no EVSE is called b',
    ],
    ['a limit of nothing', { ...site, constraints: [{ ...row, limit_amps: 0 }] }, 'not above 0'],
    ['another period', { ...site, period_min: 1 }, 'period_min'],
  ])('is refused: %s', (_, json, message) => {
    expect(parseTopology(site).evses).toHaveLength(1);
    expect(() => parseTopology(json)).toThrow(message);
  });

  it('is refused: sessions with other columns', () => {
    expect(() => readSessions(new URL('./data/topology_jpl.json', import.meta.url))).toThrow(
      'the columns are not',
    );
  });
});
