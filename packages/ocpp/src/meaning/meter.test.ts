import { describe, expect, it } from 'vitest';
import { meterEvents, registerWh } from './meter.js';
import type { SampledValue } from './quantity.js';
import { AT, contextOf } from './test-context.js';

const read = (sampledValue: readonly SampledValue[], timestamp = AT): unknown => {
  const place = { evseId: 1, session: null, remarks: [] };
  const [sample] = meterEvents(contextOf('ocpp1.6'), place, [{ timestamp, sampledValue }]);
  if (sample?.event.type !== 'MeterSampled') return null;
  const { currentA, powerW, energyWh, socPct, remarks } = sample.event.data;
  return { currentA, powerW, energyWh, socPct, remarks };
};

const nothing = { currentA: null, powerW: null, energyWh: null, socPct: null, remarks: [] };
const current = (value: string | number, phase?: string): SampledValue => ({
  value,
  phase,
  measurand: 'Current.Import',
  unit: 'A',
});
const power = (value: string | number, unit?: string, phase?: string): SampledValue => ({
  value,
  phase,
  unit,
  measurand: 'Power.Active.Import',
});

describe('a sample', () => {
  it.each<[string, SampledValue[], unknown]>([
    ['is energy in Wh when it says nothing else', [{ value: '1234.5' }], { energyWh: 1234.5 }],
    ['has a register in kWh', [{ value: '1.5', unit: 'kWh' }], { energyWh: 1500 }],
    [
      'has a register with a multiplier',
      [{ value: 2, unitOfMeasure: { unit: 'Wh', multiplier: 3 } }],
      { energyWh: 2000 },
    ],
    ['is written by Java', [{ value: '1.2345678E7' }], { energyWh: 12345678 }],
    [
      'has currents by phase',
      [current('16', 'L1'), current('15.9', 'L2-N'), current('0', 'L3')],
      { currentA: [16, 15.9, 0] },
    ],
    ['has one phase', [current(10, 'L1')], { currentA: [10, null, null] }],
    ['has a current without a phase', [current(10)], { currentA: [10, 10, 10], remarks: ['phase-assumed'] }],
    [
      'has phases and a total: the phases count',
      [current(30), current(10, 'L1'), current(9, 'L2')],
      { currentA: [10, 9, null] },
    ],
    [
      'has a neutral and a line-to-line current: ignored',
      [current(3, 'N'), current(5, 'L1-L2'), current(1, 'L1')],
      { currentA: [1, null, null] },
    ],
    ['has noise below zero', [current('-0.04', 'L1')], { currentA: [0, null, null] }],
    [
      'has no current unit',
      [{ value: '6', measurand: 'Current.Import', phase: 'L1' }],
      { currentA: [6, null, null], remarks: ['unit-assumed'] },
    ],
    ['has power in kW', [power('7.4', 'kW')], { powerW: 7400 }],
    ['has power by phase', [power('1', 'kW', 'L1'), power('2000', 'W', 'L2')], { powerW: 3000 }],
    ['has power without a unit', [power('7400')], { powerW: 7400, remarks: ['unit-assumed'] }],
    [
      'has a register by phase',
      [
        { value: '10', phase: 'L1' },
        { value: '20', phase: 'L2' },
      ],
      { energyWh: 30 },
    ],
    [
      'has inlet and outlet: the larger counts',
      [current(16, 'L1'), current(16.2, 'L1')],
      { currentA: [16.2, null, null] },
    ],
    ['has a state of charge', [{ value: '55', measurand: 'SoC', unit: 'Percent' }], { socPct: 55 }],
    [
      'is signed data beside a value',
      [{ value: 'AAAA', format: 'SignedData' }, { value: '5' }],
      { energyWh: 5 },
    ],
  ])('%s', (_, values, expected) => {
    expect(read(values)).toEqual({ ...nothing, ...(expected as object) });
  });

  it.each<[string, SampledValue, string]>([
    ['NaN', current('NaN', 'L1'), 'value-refused'],
    ['Infinity', current('Infinity', 'L1'), 'value-refused'],
    ['an infinite number', current(Number.POSITIVE_INFINITY, 'L1'), 'value-refused'],
    ['hexadecimal', current('0x10', 'L1'), 'value-refused'],
    ['a comma', current('1,5', 'L1'), 'value-refused'],
    ['an empty text', current('', 'L1'), 'value-refused'],
    ['a trailing unit', current('16 A', 'L1'), 'value-refused'],
    ['1e400', current('1e400', 'L1'), 'value-refused'],
    ['1e99', current('1e99', 'L1'), 'implausible-current'],
    ['1e308', current(1e308, 'L1'), 'implausible-current'],
    ['a current far below zero', current('-16', 'L1'), 'implausible-current'],
    ['a register below zero', { value: '-1' }, 'implausible-energy'],
    ['Wh labelled as kWh', { value: '150030000', unit: 'kWh' }, 'implausible-energy'],
    [
      'a power of a power station',
      power('5000', 'kW').unit ? power('5001', 'kW') : power('0'),
      'implausible-power',
    ],
    ['a full car and more', { value: '101', measurand: 'SoC' }, 'implausible-soc'],
    ['a current in Wh', { value: '16', measurand: 'Current.Import', unit: 'Wh' }, 'unit-refused'],
    ['an unheard-of unit', { value: '16', unitOfMeasure: { unit: 'furlong' } }, 'unit-refused'],
    ['an unheard-of multiplier', { value: '16', unitOfMeasure: { multiplier: 300 } }, 'unit-refused'],
  ])('of %s is dropped with a remark', (_, value, remark) => {
    expect(read([value])).toEqual({ ...nothing, remarks: [remark] });
  });

  it('keeps what is good beside what is bad', () => {
    expect(read([current('NaN', 'L1'), power('7400', 'W')])).toEqual({
      ...nothing,
      powerW: 7400,
      remarks: ['value-refused'],
    });
  });

  it('is none when nothing in it matters', () => {
    expect(
      read([
        { value: '230', measurand: 'Voltage', unit: 'V' },
        { value: '50', measurand: 'Frequency', unit: 'Hertz' },
      ]),
    ).toBeNull();
  });

  it.each([
    ['1970-01-01T00:00:10Z', ['clock-unset']],
    ['2024-05-01T12:04:59Z', []],
    ['2024-05-01T12:05:01Z', ['clock-ahead']],
    ['noon', ['clock-unreadable']],
  ])('taken at %s is remarked on: %j', (timestamp, remarks) => {
    expect(read([{ value: '1' }], timestamp)).toEqual({ ...nothing, energyWh: 1, remarks });
  });
});

it('a flood of samples is cut to its newest', () => {
  const entries = Array.from({ length: 2_500 }, (_, index) => ({
    timestamp: AT,
    sampledValue: [{ value: index }],
  }));
  const place = { evseId: 1, session: null, remarks: [] };
  const samples = meterEvents(contextOf('ocpp1.6'), place, entries);
  expect([samples.length, samples[0]?.index, samples.at(-1)?.index]).toEqual([2_000, 500, 2_499]);
});

it('registerWh reads the first and the last register there is', () => {
  const entries = [[current(1)], [{ value: 5 }], [{ value: 9, unit: 'kWh' }], [current(2)]];
  const values = entries.map((sampledValue) => ({ timestamp: AT, sampledValue }));
  expect([registerWh(values, 'first'), registerWh(values, 'last'), registerWh([], 'last')]).toEqual([
    5,
    9000,
    null,
  ]);
});
