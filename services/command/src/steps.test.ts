// What stations can be set to, from the site's numbers to the wire: whatever connectors there are, each is given 0 or
// something that it can be set to, and is sent just that. STEPS_RUNS sets how many sites (300 by default).

import {
  type Allocation,
  type ConnectorConfig,
  type EventData,
  type SiteConfig,
  type SiteState,
  wattsPerAmpere,
} from '@ampledger/domain';
import {
  answered,
  at,
  commissioned,
  configured,
  given,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import { type Phase, stationId } from '@ampledger/kernel';
import { allocate, certifySite, problemOf } from '@ampledger/optimizer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callEvent } from './calls.js';
import { decide } from './decide.js';

/** In the connector's own unit: amperes, or watts at the car. */
interface Spec {
  readonly current: 'ac' | 'dc';
  readonly phases: readonly Phase[];
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly list: readonly number[] | null;
}
interface Site {
  readonly specs: readonly Spec[];
  readonly wiring: 'wye' | 'delta';
  readonly limitA: number;
  readonly limitW: number | null;
  readonly policy: SiteConfig['policy'];
}

const EFFICIENCY = 0.94;
const fits = ({ min, max, step, list }: Spec): boolean =>
  min <= max &&
  (list === null
    ? step === 0 || Math.ceil(min / step) * step <= max
    : list.every((value) => value >= min && value <= max));

const ac = fc.record({
  current: fc.constant('ac' as const),
  phases: fc.constantFrom<readonly Phase[]>([0], [1], [0, 1, 2]),
  min: fc.constantFrom(6, 6.087, 7, 8.04),
  max: fc.constantFrom(10, 16, 16.05, 32),
  step: fc.constantFrom(0, 0, 0.3, 1, 4),
  list: fc.constantFrom(null, null, null, [9, 10], [10, 16, 32]),
});
const dc = fc.record({
  current: fc.constant('dc' as const),
  phases: fc.constant<readonly Phase[]>([0, 1, 2]),
  min: fc.constantFrom(5_000, 5_500, 1_240),
  max: fc.constantFrom(20_000, 24_000, 60_000, 150_000),
  step: fc.constantFrom(0, 0, 1_000, 10_000, 12_500),
  list: fc.constantFrom(null, null, null, [7_000, 11_000, 20_000]),
});
const sites: fc.Arbitrary<Site> = fc.record({
  specs: fc.array(fc.oneof(ac, dc).filter(fits), { minLength: 1, maxLength: 8 }),
  wiring: fc.constantFrom('wye' as const, 'delta' as const),
  limitA: fc.double({ min: 5, max: 300, noNaN: true }),
  limitW: fc.constantFrom(null, 24_000 / EFFICIENCY, 80_000),
  policy: fc.constantFrom('fair' as const, 'urgent' as const, 'throughput' as const, 'balanced' as const),
});

/** Twelve digits, as of all quantities in a site file. */
const rounded = (value: number): number => Number(value.toPrecision(12));

function configOf({ specs, wiring, limitA, limitW, policy }: Site): SiteConfig {
  const site = { wiring, voltageV: wiring === 'delta' ? 208 : 230, policy };
  const connectorOf = ({ current, phases, min, max, step, list }: Spec): Partial<ConnectorConfig> => {
    const efficiency = current === 'dc' ? EFFICIENCY : 1;
    const gridA = (value: number): number =>
      current === 'dc' ? rounded(value / (efficiency * wattsPerAmpere(site, phases))) : value;
    const stepsA = list?.map(gridA) ?? null;
    const range = { minA: gridA(min), maxA: gridA(max), stepA: list === null ? gridA(step) : 0, stepsA };
    return { current, phases: [...phases], efficiency, ...range };
  };
  return siteOf({
    nodes: [{ id: 'grid', limitA, ...(limitW === null ? {} : { limitW }) }],
    stations: specs.map((spec, i) => ({ id: `S${i}`, node: 'grid', connectors: [connectorOf(spec)] })),
    site,
  });
}

const NOTHING_SAID = {
  ...{ maxStackLevel: null, maxPeriods: null, maxProfiles: null, phaseSwitching: null, connectorCount: null },
  raw: {},
};
/** It takes both units, unless said otherwise. */
const read = (station: string, rateUnits: readonly ('A' | 'W')[] = ['A', 'W']): Told => [
  0,
  {
    type: 'StationCapabilitiesRead',
    data: { station: stationId(station), rateUnits: [...rateUnits], ...NOTHING_SAID },
  },
];
const historyOf = (
  { specs }: Pick<Site, 'specs'>,
  config: SiteConfig,
  units?: readonly ('A' | 'W')[],
): readonly Told[] => [
  [0, configured(config)],
  ...specs.flatMap((_, i): readonly Told[] => {
    const id = `S${i}`;
    return [...commissioned(id), read(id, units), [i + 1, started(id, '7')]];
  }),
];

/** As the car gets it: amperes, or watts. */
function amountOf({ limitA }: Allocation, { current, phases }: Spec, config: SiteConfig): number {
  return current === 'ac' ? limitA : limitA * wattsPerAmpere(config, phases) * EFFICIENCY;
}

const HAIR = 1e-3;
const isSettable = (amount: number, { current, min, max, step, list }: Spec): boolean => {
  if (amount < min - HAIR || amount > max + HAIR) return false;
  if (list !== null) return list.some((value) => Math.abs(value - amount) < HAIR);
  const each = step > 0 ? step : current === 'ac' ? 0.1 : 10;
  return Math.abs(amount - Math.round(amount / each) * each) < HAIR;
};

function sentBy(state: SiteState): ReadonlyMap<string, number> {
  const { planned, room } = decide(state, at(101));
  return new Map(
    planned.flatMap((one): readonly [string, number][] => {
      const call = callEvent(one, { state, now: at(101), room });
      if (call?.type !== 'CallRequested' || call.data.action !== 'SetChargingProfile') return [];
      const { csChargingProfiles } = call.data.payload as {
        csChargingProfiles: { chargingSchedule: { chargingSchedulePeriod: { limit: number }[] } };
      };
      const { chargingSchedulePeriod } = csChargingProfiles.chargingSchedule;
      return [[one.station, chargingSchedulePeriod[0]?.limit ?? Number.NaN]];
    }),
  );
}

const allocated = (allocations: readonly Allocation[], config: SiteConfig): Told => {
  const data: EventData<'LimitsAllocated'> = {
    site: config.id,
    at: at(100),
    basis: 0,
    epoch: 0,
    allocations,
  };
  return [100, { type: 'LimitsAllocated', data }];
};

describe('what stations can be set to', () => {
  it('is what they are given and sent', () => {
    let sentDc = 0;
    fc.assert(
      fc.property(sites, (site) => {
        const config = configOf(site);
        const history = historyOf(site, config);
        const state = given(history);
        const allocations = allocate(problemOf(state, at(100)), config);
        expect(certifySite(state, at(100))).toEqual([]);
        const sent = sentBy(given([...history, allocated(allocations, config)]));
        for (const allocation of allocations) {
          const [station = ''] = allocation.connector.split('/');
          const spec = site.specs[Number(station.slice(1))];
          if (spec === undefined) throw new Error('no such connector');
          const amount = amountOf(allocation, spec, config);
          if (amount === 0) continue;
          const says = `${allocation.connector}: ${amount}, ${JSON.stringify(spec)}`;
          expect(isSettable(amount, spec), says).toBe(true);
          const wire = sent.get(station);
          if (wire === undefined) continue;
          if (spec.current === 'dc') sentDc++;
          // To the last digit: a cabinet makes no module of 9,999.9 W.
          expect(isSettable(wire, spec), `${says}, sent ${wire}`).toBe(true);
          expect(wire).toBeGreaterThanOrEqual(spec.min);
          expect(wire).toBeLessThanOrEqual(spec.max);
          expect(wire).toBeLessThanOrEqual(amount + HAIR);
          if (spec.step >= 1 && spec.list === null) expect(wire % spec.step, says).toBe(0);
        }
      }),
      { numRuns: Number(process.env.STEPS_RUNS ?? 300) },
    );
    expect(sentDc).toBeGreaterThan(0);
  });

  it.each([
    ['W', { min: 5_000, max: 20_000, step: 0 }],
    ['W', { min: 5_000, max: 24_000, step: 1_000 }],
    // Tenths of the car's amperes are too coarse for its last 50 W.
    ['A', { min: 5_000, max: 20_050, step: 0 }],
  ] as const)('is told once, in %s', (unit, watts) => {
    const specs: readonly Spec[] = [{ current: 'dc', phases: [0, 1, 2], list: null, ...watts }];
    const config = configOf({ specs, wiring: 'delta', limitA: 300, limitW: null, policy: 'fair' });
    const history = historyOf({ specs }, config, [unit]);
    const allocations = allocate(problemOf(given(history), at(100)), config);
    const told = [...history, allocated(allocations, config)];
    const calls = (before: readonly Told[], s: number) => {
      const state = given(before);
      const { planned, room } = decide(state, at(s));
      return planned.map((one) => callEvent(one, { state, now: at(s), room }));
    };
    const [call, ...more] = calls(told, 101);
    if (call?.type !== 'CallRequested') throw new Error('nothing was told');
    expect(more).toEqual([]);
    const accepted: readonly Told[] = [...told, [101, call], [102, answered('S0', call.data.call)]];
    expect(calls(accepted, 200)).toEqual([]);
  });
});
