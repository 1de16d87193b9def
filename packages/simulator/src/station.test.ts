import { describe, expect, it } from 'vitest';
import { createBench } from './central-system.fixture.js';

interface MeterValues16 {
  transactionId: number;
  meterValue: { sampledValue: { value: string; measurand: string }[] }[];
}

const MINUTE = 60_000;
const CAR = { phases: 3, maxA: 16, energyNeedWh: 20_000, lagSMax: 0 } as const;

describe.each(['ocpp1.6', 'ocpp2.0.1'] as const)('%s station', (protocol) => {
  it('boots, reports its connectors, charges a car until it is full, and lets it go', async () => {
    const { clock, system, station } = createBench(protocol);
    await clock.advance(1000);
    expect(system.heard[0]?.action).toBe('BootNotification');
    expect(system.of('StatusNotification').at(-1)?.payload).toMatchObject(
      protocol === 'ocpp1.6'
        ? { connectorId: 1, status: 'Available' }
        : { evseId: 1, connectorStatus: 'Available' },
    );
    station.plugIn(1, CAR);
    await clock.advance(10_000);
    expect(station.drawA(1)).toEqual([16, 16, 16]);
    await clock.advance(3 * 3_600_000);
    expect(station.outlet(1)).toMatchObject({ full: true, charging: 'SuspendedEV' });
    expect(station.drawA(1)).toEqual([0, 0, 0]);
    station.unplug(1);
    await clock.advance(1000);
    const last = system.heard.at(-1)?.payload;
    expect(last).toMatchObject(
      protocol === 'ocpp1.6' ? { status: 'Available' } : { connectorStatus: 'Available' },
    );
    expect(system.of('Heartbeat').length).toBeGreaterThan(30);
    expect(system.invalid).toEqual([]);
  });
});

describe('meter values', () => {
  it('ocpp1.6: carry the transaction, currents per phase, power and register', async () => {
    const { clock, system, station } = createBench('ocpp1.6');
    await clock.advance(1000);
    station.plugIn(1, { ...CAR, phases: 1 });
    await clock.advance(5 * MINUTE);
    expect(system.of('MeterValues')).toHaveLength(5);
    const payload: unknown = system.of('MeterValues')[4]?.payload;
    const { transactionId, meterValue } = payload as MeterValues16;
    expect(transactionId).toBe(1);
    expect(meterValue[0]?.sampledValue.map((v) => `${v.measurand} ${v.value}`).slice(0, 4)).toEqual([
      'Current.Import 16.00',
      'Current.Import 0.00',
      'Current.Import 0.00',
      'Power.Active.Import 3680.0',
    ]);
  });
});
