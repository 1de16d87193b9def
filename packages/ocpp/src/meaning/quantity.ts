// One sampled value: from a station's text and unit to amperes, watts, watt-hours or percent, or to
// the remark that says why not. A bad value costs its sample, never the message.

/** A sampled value of either version, as far as it matters here. The members are the station's word. */
export interface SampledValue {
  readonly value: string | number;
  readonly format?: string | undefined;
  readonly measurand?: string | undefined;
  readonly phase?: string | undefined;
  /** OCPP 1.6. */
  readonly unit?: string | undefined;
  /** OCPP 2.0.1. */
  readonly unitOfMeasure?:
    | { readonly unit?: string | undefined; readonly multiplier?: number | undefined }
    | undefined;
}

export type QuantityName = 'current' | 'power' | 'energy' | 'soc';

interface QuantityRule {
  readonly name: QuantityName;
  /** Unit in lower case → factor to the base unit. */
  readonly units: ReadonlyMap<string, number>;
  /** True when the standard itself names the unit that a missing one stands for. */
  readonly hasDefaultUnit: boolean;
  readonly min: number;
  readonly max: number;
}

// Bounds are of the plausible, not of the allowed: beyond them a value is a fault of unit or memory
// (a simulator in the field labels Wh as kWh). A current a little below zero is noise.
const RULES: ReadonlyMap<string, QuantityRule> = new Map([
  [
    'Current.Import',
    {
      name: 'current',
      units: new Map([
        ['a', 1],
        ['ma', 0.001],
      ]),
      hasDefaultUnit: false,
      min: -1,
      max: 2_000,
    },
  ],
  [
    'Power.Active.Import',
    {
      name: 'power',
      units: new Map([
        ['w', 1],
        ['kw', 1000],
      ]),
      hasDefaultUnit: false,
      min: -4e6,
      max: 4e6,
    },
  ],
  [
    'Energy.Active.Import.Register',
    {
      name: 'energy',
      units: new Map([
        ['wh', 1],
        ['kwh', 1000],
      ]),
      hasDefaultUnit: true,
      min: 0,
      max: 1e9,
    },
  ],
  [
    'SoC',
    {
      name: 'soc',
      units: new Map([
        ['percent', 1],
        ['%', 1],
      ]),
      hasDefaultUnit: true,
      min: 0,
      max: 100,
    },
  ],
]);

/** What a missing measurand stands for (SampledValue in OCPP 1.6, SampledValueType in 2.0.1). */
const DEFAULT_MEASURAND = 'Energy.Active.Import.Register';
/** Java stations write 12345678 as 1.2345678E7. */
const DECIMAL = /^[+-]?\d{1,16}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?$/;
const MULTIPLIER_MAX = 12;

export interface Quantity {
  readonly name: QuantityName;
  readonly value: number | null;
  readonly remark: string | null;
}

function parseDecimal(value: string | number): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return DECIMAL.test(value) ? Number(value) : null;
}

/** Factor to the base unit; null for a unit that this quantity cannot have. */
function factorOf(rule: QuantityRule, { unit, unitOfMeasure }: SampledValue): number | null {
  const name = unit ?? unitOfMeasure?.unit;
  const base = name === undefined ? 1 : rule.units.get(name.toLowerCase());
  const exponent = unitOfMeasure?.multiplier ?? 0;
  if (base === undefined || Math.abs(exponent) > MULTIPLIER_MAX) return null;
  return exponent === 0 ? base : base * 10 ** exponent;
}

const isUnitAssumed = (rule: QuantityRule, { unit, unitOfMeasure }: SampledValue): boolean =>
  !rule.hasDefaultUnit && unit === undefined && unitOfMeasure?.unit === undefined;

const refused = ({ name }: QuantityRule, remark: string): Quantity => ({ name, value: null, remark });

/** Reads one sampled value; null when it is of no interest here (a voltage, a signed blob). */
export function readQuantity(sample: SampledValue): Quantity | null {
  const rule = RULES.get(sample.measurand ?? DEFAULT_MEASURAND);
  if (rule === undefined || sample.format === 'SignedData') return null;
  const number = parseDecimal(sample.value);
  if (number === null) return refused(rule, 'value-refused');
  const factor = factorOf(rule, sample);
  if (factor === null) return refused(rule, 'unit-refused');
  const value = number * factor;
  if (value < rule.min || value > rule.max) return refused(rule, `implausible-${rule.name}`);
  return {
    name: rule.name,
    value: rule.name === 'current' ? Math.max(0, value) : value,
    remark: isUnitAssumed(rule, sample) ? 'unit-assumed' : null,
  };
}
