import { VirtualClock } from '@ampledger/kernel';
import { describe, expect, it } from 'vitest';
import { type ArrivalProfile, createArrivals, stays } from './arrivals.js';
import { createCentralSystem, START } from './central-system.fixture.js';
import { createFleet, type StationSpec } from './fleet.js';
import { createRandom } from './random.js';
import type { StationEvent } from './station-options.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const garage = (count: number): readonly StationSpec[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `st-${i}`,
    protocol: i % 2 === 0 ? 'ocpp1.6' : 'ocpp2.0.1',
    connectors: [{ evseId: 1, phases: [0, 1, 2], maxA: 32 }],
  }));

async function day(profile: ArrivalProfile, seed: number, speed = 1) {
  const clock = new VirtualClock(START);
  const systems = {
    'ocpp1.6': createCentralSystem(clock, 'ocpp1.6'),
    'ocpp2.0.1': createCentralSystem(clock, 'ocpp2.0.1'),
  };
  const events: StationEvent[] = [];
  const fleet = createFleet({
    seed,
    clock,
    voltageV: 230,
    meterIntervalS: 300,
    speed,
    stations: garage(12),
    dial: (station, handlers) => systems[station.protocol].dial(station, handlers),
  });
  fleet.subscribe((event) => events.push(event));
  const arrivals = createArrivals({ seed, clock, stations: fleet.stations, profile, speed });
  await clock.advance(DAY / speed);
  arrivals.close();
  fleet.close();
  return { events, systems, fleet };
}

describe('fleet', () => {
  it.each(['workday', 'garage', 'busy'] as const)('%s: cars come, charge and go', async (profile) => {
    const { events, systems } = await day(profile, 1);
    const ended = events.filter((event) => event.kind === 'session-ended');
    expect(ended.length).toBeGreaterThanOrEqual(9);
    const unplugged = events.filter((event) => event.kind === 'unplugged');
    const served = unplugged.filter((event) => event.deliveredWh >= event.needWh - 1);
    // Without limits nearly all leave full; tapering and modest cars may run out of time.
    expect(served.length / unplugged.length).toBeGreaterThan(0.85);
    expect([...systems['ocpp1.6'].invalid, ...systems['ocpp2.0.1'].invalid]).toEqual([]);
  });

  it('is the same day for the same seed, and another for another', async () => {
    const [once, again, other] = [await day('busy', 5), await day('busy', 5), await day('busy', 6)];
    expect(again.events).toEqual(once.events);
    expect(other.events).not.toEqual(once.events);
    expect(again.systems['ocpp2.0.1'].heard).toEqual(once.systems['ocpp2.0.1'].heard);
  });

  it('lives a day in 24 minutes at speed 60', async () => {
    const { events } = await day('busy', 2, 60);
    expect(events.filter((event) => event.kind === 'unplugged').length).toBeGreaterThan(100);
  });
});

describe('arrivals', () => {
  it.each(['workday', 'garage', 'busy'] as const)(
    '%s: stays are plausible, in order, and do not overlap',
    (profile) => {
      const coming = stays(profile, createRandom(3), START);
      let last = 0;
      for (let i = 0; i < 200; i++) {
        const { value: stay } = coming.next();
        expect(stay.from).toBeGreaterThan(last);
        expect(stay.to - stay.from).toBeGreaterThan(20 * 60_000);
        expect(stay.to - stay.from).toBeLessThan(24 * HOUR);
        expect(stay.car.energyNeedWh).toBeGreaterThan(100);
        expect(stay.car.batteryWh ?? 0).toBeGreaterThan(stay.car.energyNeedWh);
        if (profile === 'workday') expect([1, 2, 3, 4, 5]).toContain(new Date(stay.from).getUTCDay());
        last = stay.to;
      }
    },
  );
});
