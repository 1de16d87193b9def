// A site as the library that the data come from describes it: EVSEs between two lines of a delta-wye
// system, each with the angle of its current, and rows that limit sums of those currents.

import { readFileSync } from 'node:fs';

export interface TopologyEvse {
  readonly id: string;
  readonly phaseDeg: number;
  /** The least that the real station offers beside nothing. */
  readonly minA: number;
  readonly maxA: number;
  /** Everything that the real station can offer, ascending, 0 first. */
  readonly stepsA: readonly number[];
}

export interface TopologyRow {
  readonly name: string;
  readonly limitA: number;
  /** EVSE id → its coefficient in the sum. */
  readonly coefficients: ReadonlyMap<string, number>;
}

/** Rows that scale together with the capacity of one transformer. */
export interface Transformer {
  readonly name: string;
  /** The capacity that the rows' limits are for. */
  readonly ratedKw: number;
  readonly rows: readonly number[];
}

export interface Topology {
  readonly site: string;
  readonly voltageV: number;
  readonly evses: readonly TopologyEvse[];
  readonly rows: readonly TopologyRow[];
  readonly transformers: readonly Transformer[];
}

/** Throws an Error that names the place when the file does not have the form described in data/SOURCES.md. */
export function readTopology(path: string | URL): Topology {
  return parseTopology(JSON.parse(readFileSync(path, 'utf8')));
}

export function parseTopology(json: unknown): Topology {
  const file = record(json, 'topology');
  const voltageV = positive(file.voltage, 'voltage');
  if (positive(file.period_min, 'period_min') !== PERIOD_MIN) throw new Error('period_min is not 5');
  const evses = list(file.evses, 'evses').map((evse, i) => evseOf(evse, `evses[${i}]`, voltageV));
  const known = new Set(evses.map(({ id }) => id));
  if (known.size !== evses.length) throw new Error('evses: an id stands twice');
  const rows = list(file.constraints, 'constraints').map((row, i) => rowOf(row, `constraints[${i}]`, known));
  return { site: text(file.site, 'site'), voltageV, evses, rows, transformers: transformersOf(rows) };
}

/** All data here are in periods of five minutes. */
export const PERIOD_MIN = 5;

/** Line to neutral on the secondary side; the rows' limits are capacity / 3 / this. */
const SECONDARY_V = 120;

function evseOf(json: unknown, at: string, voltageV: number): TopologyEvse {
  const evse = record(json, at);
  if (positive(evse.voltage, `${at}.voltage`) !== voltageV) throw new Error(`${at}: another voltage`);
  const stepsA = list(evse.allowable, `${at}.allowable`).map((step) => number(step, `${at}.allowable`));
  const ascending = stepsA.every((step, i) => i === 0 || step > (stepsA[i - 1] ?? Number.NaN));
  if (stepsA[0] !== 0 || !ascending) throw new Error(`${at}.allowable is not ascending from 0`);
  const minA = positive(evse.min_rate, `${at}.min_rate`);
  const maxA = positive(evse.max_rate, `${at}.max_rate`);
  if (stepsA[1] !== minA || stepsA.at(-1) !== maxA) throw new Error(`${at}: rates and steps disagree`);
  const phaseDeg = number(evse.phase_angle_deg, `${at}.phase_angle_deg`);
  return { id: text(evse.id, `${at}.id`), phaseDeg, minA, maxA, stepsA };
}

function rowOf(json: unknown, at: string, known: ReadonlySet<string>): TopologyRow {
  const row = record(json, at);
  const coefficients = new Map<string, number>();
  for (const [id, value] of Object.entries(record(row.coeff, `${at}.coeff`))) {
    if (!known.has(id)) throw new Error(`${at}.coeff: no EVSE is called ${id}`);
    coefficients.set(id, number(value, `${at}.coeff.${id}`));
  }
  return {
    name: text(row.name, `${at}.name`),
    limitA: positive(row.limit_amps, `${at}.limit_amps`),
    coefficients,
  };
}

/** By the rows' names: `<transformer> Secondary A`, `<transformer> Primary B`; one transformer may have no name. */
function transformersOf(rows: readonly TopologyRow[]): readonly Transformer[] {
  const found = new Map<string, { ratedKw: number; rows: number[] }>();
  rows.forEach(({ name, limitA }, row) => {
    const match = /^(.*?) ?(Secondary|Primary) [ABC]$/.exec(name);
    if (!match) return;
    const key = match[1] || 'Transformer';
    const transformer = found.get(key) ?? { ratedKw: 0, rows: [] };
    transformer.rows.push(row);
    if (match[2] === 'Secondary') transformer.ratedKw = (limitA * 3 * SECONDARY_V) / 1000;
    found.set(key, transformer);
  });
  return [...found].map(([name, transformer]) => {
    if (!(transformer.ratedKw > 0)) throw new Error(`${name} has no secondary side`);
    return { name, ...transformer };
  });
}

function record(json: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error(`${at} is no object`);
  return json as Readonly<Record<string, unknown>>;
}

function list(json: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(json) || json.length === 0) throw new Error(`${at} is no list, or empty`);
  return json;
}

function text(json: unknown, at: string): string {
  if (typeof json !== 'string' || json === '') throw new Error(`${at} is no text`);
  return json;
}

function number(json: unknown, at: string): number {
  if (typeof json !== 'number' || !Number.isFinite(json)) throw new Error(`${at} is no number`);
  return json;
}

function positive(json: unknown, at: string): number {
  const value = number(json, at);
  if (value <= 0) throw new Error(`${at} is not above 0`);
  return value;
}
