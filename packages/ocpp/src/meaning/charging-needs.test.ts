import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StationContext } from '../contract.js';
import { interpretCall } from './interpret.js';
import { callOf, contextOf, NOW, openSession, STATION } from './test-context.js';

const DAY = 86_400_000;
const open = openSession('tx', 1);
/** One ampere on each of the grid's phases is 0.94 · 3 · 230 W at the car. */
const wattsPerA = 0.94 * 3 * 230;
const context = contextOf('ocpp2.0.1', { openSessions: [open], dc: [{ evseId: 1, wattsPerA }] });

function said(chargingNeeds: object, change: Partial<StationContext> = {}, evseId = 1) {
  const payload = { evseId, chargingNeeds };
  const outcome = interpretCall({ ...context, ...change }, callOf('NotifyEVChargingNeeds', payload));
  if (!outcome.ok) throw new Error(outcome.error.description);
  return { answer: outcome.value.answer, events: outcome.value.events.map(({ event }) => event) };
}

const ac = (parameters: object = {}) => ({
  requestedEnergyTransfer: 'AC_three_phase',
  acChargingParameters: {
    energyAmount: 20_000,
    evMinCurrent: 6,
    evMaxCurrent: 16,
    evMaxVoltage: 400,
    ...parameters,
  },
});
const dc = (parameters: object = {}) => ({
  requestedEnergyTransfer: 'DC',
  dcChargingParameters: { evMaxCurrent: 200, evMaxVoltage: 400, ...parameters },
});
const needs = (change: object) => ({
  type: 'ChargingNeedsNotified',
  data: {
    station: STATION,
    evseId: 1,
    session: open.session,
    source: 'iso15118',
    energyWh: null,
    departAt: null,
    minA: null,
    maxA: null,
    ...change,
  },
});
const at = (ms: number): string => new Date(ms).toISOString();

describe('NotifyEVChargingNeeds', () => {
  it('takes what an AC car says, and answers that the limit is being worked out', () => {
    const { answer, events } = said({ ...ac(), departureTime: at(NOW + 8 * 3_600_000) });
    expect(answer).toEqual({ status: 'Processing' });
    expect(events).toEqual([needs({ energyWh: 20_000, departAt: NOW + 8 * 3_600_000, minA: 6, maxA: 16 })]);
  });

  it.each<[string, object, object]>([
    ['no energy', { energyAmount: 0 }, { energyWh: 0, minA: 6, maxA: 16 }],
    ['a negative energy', { energyAmount: -1 }, { minA: 6, maxA: 16 }],
    ['the energy of a ship', { energyAmount: 2 ** 40 }, { minA: 6, maxA: 16 }],
    ['no minimum', { evMinCurrent: 0 }, { energyWh: 20_000, maxA: 16 }],
    ['no maximum', { evMaxCurrent: 0 }, { energyWh: 20_000, minA: 6 }],
    ['a minimum above the maximum', { evMinCurrent: 20 }, { energyWh: 20_000 }],
    ['milliamperes', { evMinCurrent: 6_000, evMaxCurrent: 16_000 }, { energyWh: 20_000 }],
  ])('of %s keeps what can be', (_, parameters, expected) => {
    expect(said(ac(parameters)).events).toEqual([needs(expected)]);
  });

  it.each<[string, object, object]>([
    ['the plug', {}, { maxA: (200 * 400) / wattsPerA }],
    ['the power where it is less', { evMaxPower: 50_000 }, { maxA: 50_000 / wattsPerA }],
    ['an implausible plug', { evMaxVoltage: 40_000, evMaxPower: 50_000 }, { maxA: 50_000 / wattsPerA }],
    ['the energy named', { energyAmount: 30_000, stateOfCharge: 90 }, { energyWh: 30_000 }],
    ['the battery', { evEnergyCapacity: 60_000, stateOfCharge: 30 }, { energyWh: 42_000 }],
    [
      'what it calls full',
      { evEnergyCapacity: 60_000, stateOfCharge: 30, fullSoC: 80 },
      { energyWh: 30_000 },
    ],
    [
      'the end of fast charging',
      { evEnergyCapacity: 60_000, stateOfCharge: 30, bulkSoC: 50 },
      { energyWh: 12_000 },
    ],
    [
      'full before bulk',
      { evEnergyCapacity: 60_000, stateOfCharge: 30, bulkSoC: 50, fullSoC: 80 },
      { energyWh: 30_000 },
    ],
    ['more than full', { evEnergyCapacity: 60_000, stateOfCharge: 90, fullSoC: 80 }, { energyWh: 0 }],
    ['a charge without a battery', { stateOfCharge: 30 }, {}],
    ['a battery below zero', { evEnergyCapacity: -5, stateOfCharge: 30 }, {}],
  ])('of a DC car takes %s', (_, parameters, expected) => {
    const [event] = said(dc(parameters)).events;
    expect(event).toEqual(needs({ maxA: (200 * 400) / wattsPerA, ...expected }));
  });

  it('takes a DC car at an AC outlet at its energy, and not at its current', () => {
    expect(said(dc({ energyAmount: 9_000 }), { dc: [] }).events).toEqual([needs({ energyWh: 9_000 })]);
  });

  it('goes by the transfer that is asked for', () => {
    const both = { ...dc({ energyAmount: 9_000 }), ...ac(), requestedEnergyTransfer: 'DC' };
    expect(said(both).events).toMatchObject([{ data: { energyWh: 9_000, minA: null } }]);
  });

  it.each([
    ['in the past', at(NOW)],
    ['of a clock that was never set', '1970-01-01T08:00:00Z'],
    ['in two months', at(NOW + 60 * DAY)],
  ])('leaves a departure %s out', (_, departureTime) => {
    expect(said({ ...ac(), departureTime }).events).toMatchObject([{ data: { departAt: null } }]);
  });

  it.each<[string, object, Partial<StationContext>, string]>([
    ['without a transaction', ac(), { openSessions: [] }, 'TxNotFound'],
    ['without a figure', { requestedEnergyTransfer: 'AC_single_phase' }, {}, 'InvalidValue'],
    [
      'with figures that cannot be',
      ac({ energyAmount: -1, evMinCurrent: 9, evMaxCurrent: 3 }),
      {},
      'InvalidValue',
    ],
  ])('is refused %s, and kept for the record', (_, chargingNeeds, change, reasonCode) => {
    const { answer, events } = said(chargingNeeds, change);
    expect(answer).toEqual({ status: 'Rejected', statusInfo: { reasonCode } });
    expect(events).toMatchObject([{ type: 'StationEventNotified' }]);
  });

  it.each([0, 3])('is refused for EVSE %i, which there is not', (evseId) => {
    expect(() => said(ac(), {}, evseId)).toThrow('is no EVSE');
  });

  it('never passes on a figure that cannot be', () => {
    const int = fc.oneof(fc.integer({ min: -10, max: 100 }), fc.maxSafeInteger());
    const parameters = fc.record({
      energyAmount: int,
      evMinCurrent: int,
      evMaxCurrent: int,
      evMaxVoltage: int,
      evMaxPower: int,
      evEnergyCapacity: int,
      stateOfCharge: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(fc.boolean(), parameters, fc.date({ noInvalidDate: true }), (isDc, figures, departure) => {
        const message = { ...(isDc ? dc(figures) : ac(figures)), departureTime: at(departure.getTime()) };
        for (const event of said(message).events) {
          if (event.type !== 'ChargingNeedsNotified') continue;
          const { energyWh, departAt, minA, maxA } = event.data;
          expect(energyWh ?? 0).toBeGreaterThanOrEqual(0);
          expect(energyWh ?? 0).toBeLessThanOrEqual(1_000_000);
          expect(departAt ?? NOW + 1).toBeGreaterThan(NOW);
          expect(maxA ?? 1).toBeGreaterThan(0);
          expect(minA ?? 0).toBeLessThanOrEqual(maxA ?? Number.POSITIVE_INFINITY);
        }
      }),
    );
  });
});
