// What the engine asks a station about itself on first contact, and how it reads the answers:
// leniently, and into bounded figures (field lessons L1, L2, L24).

import type { Protocol } from '@ampledger/domain';
import type { Capabilities, ReadingCall } from '../contract.js';

const KEYS_16 = [
  'ChargingScheduleAllowedChargingRateUnit',
  'ChargeProfileMaxStackLevel',
  'ChargingScheduleMaxPeriods',
  'MaxChargingProfilesInstalled',
  'ConnectorSwitch3to1PhaseSupported',
  'NumberOfConnectors',
  'MeterValueSampleInterval',
  'MeterValuesSampledData',
  'SupportedFeatureProfiles',
] as const;

interface VariableName {
  readonly component: string;
  readonly variable: string;
  readonly instance?: string;
  readonly attributeType?: string;
}

// OCPP 2.0.1 part 2, referenced components: SmartChargingCtrlr and SampledDataCtrlr.
const VARIABLES_201: readonly VariableName[] = [
  { component: 'SmartChargingCtrlr', variable: 'RateUnit' },
  { component: 'SmartChargingCtrlr', variable: 'ProfileStackLevel' },
  { component: 'SmartChargingCtrlr', variable: 'PeriodsPerSchedule' },
  {
    component: 'SmartChargingCtrlr',
    variable: 'Entries',
    instance: 'ChargingProfiles',
    attributeType: 'MaxSet',
  },
  { component: 'SmartChargingCtrlr', variable: 'Phases3to1' },
  { component: 'SmartChargingCtrlr', variable: 'ACPhaseSwitchingSupported' },
  { component: 'SampledDataCtrlr', variable: 'TxUpdatedInterval' },
  { component: 'SampledDataCtrlr', variable: 'TxUpdatedMeasurands' },
];

const FIGURE_MAX = 1_000_000;
const CONNECTORS_MAX = 1_000;
const RAW_LENGTH_MAX = 500;
const RATE_UNITS: ReadonlyMap<string, 'A' | 'W'> = new Map([
  ['a', 'A'],
  ['amp', 'A'],
  ['amps', 'A'],
  ['ampere', 'A'],
  ['current', 'A'],
  ['w', 'W'],
  ['watt', 'W'],
  ['watts', 'W'],
  ['power', 'W'],
]);

/** The calls to make on first contact. */
export function readingCalls(protocol: Protocol): ReadingCall[] {
  if (protocol === 'ocpp1.6') return [{ action: 'GetConfiguration', payload: { key: [...KEYS_16] } }];
  const getVariableData = VARIABLES_201.map(({ component, variable, instance, attributeType }) => ({
    ...(attributeType === undefined ? {} : { attributeType }),
    component: { name: component },
    variable: { name: variable, ...(instance === undefined ? {} : { instance }) },
  }));
  return [{ action: 'GetVariables', payload: { getVariableData } }];
}

type Entry = readonly [name: string, value: string];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const recordsIn = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];
const ENTRIES_MAX = 256;

function entries16(payload: Record<string, unknown>): Entry[] {
  const known = new Map(KEYS_16.map((key) => [key.toLowerCase(), key]));
  return recordsIn(payload.configurationKey)
    .slice(0, ENTRIES_MAX)
    .flatMap(({ key, value }) => {
      const name = typeof key === 'string' ? known.get(key.toLowerCase()) : undefined;
      return name === undefined || typeof value !== 'string' ? [] : [[name, value] as const];
    });
}

function entries201(payload: Record<string, unknown>): Entry[] {
  const known = new Set(VARIABLES_201.map(({ component, variable }) => `${component}.${variable}`));
  return recordsIn(payload.getVariableResult)
    .slice(0, ENTRIES_MAX)
    .flatMap(({ component, variable, attributeValue }) => {
      const name = `${isRecord(component) ? component.name : ''}.${isRecord(variable) ? variable.name : ''}`;
      return known.has(name) && typeof attributeValue === 'string' ? [[name, attributeValue] as const] : [];
    });
}

/** "Current", "Power", "Current,Power", "power", "W", "A,W": all seen in the field. */
function parseRateUnits(text: string | undefined): ('A' | 'W')[] {
  const words = (text ?? '').toLowerCase().split(/[^a-z]+/);
  return [...new Set(words.flatMap((word) => RATE_UNITS.get(word) ?? []))];
}

function parseCount(text: string | undefined, max: number): number | null {
  if (text === undefined || !/^\s*\d{1,10}(?:\.0+)?\s*$/.test(text)) return null;
  const count = Number(text);
  return count <= max ? count : null;
}

function parseFlag(text: string | undefined): boolean | null {
  const word = text?.trim().toLowerCase();
  if (word === 'true' || word === '1') return true;
  return word === 'false' || word === '0' ? false : null;
}

function capabilities16(raw: ReadonlyMap<string, string>): Omit<Capabilities, 'raw'> {
  const connectorCount = parseCount(raw.get('NumberOfConnectors'), CONNECTORS_MAX);
  return {
    rateUnits: parseRateUnits(raw.get('ChargingScheduleAllowedChargingRateUnit')),
    maxStackLevel: parseCount(raw.get('ChargeProfileMaxStackLevel'), FIGURE_MAX),
    maxPeriods: parseCount(raw.get('ChargingScheduleMaxPeriods'), FIGURE_MAX),
    maxProfiles: parseCount(raw.get('MaxChargingProfilesInstalled'), FIGURE_MAX),
    phaseSwitching: parseFlag(raw.get('ConnectorSwitch3to1PhaseSupported')),
    connectorCount: connectorCount === 0 ? null : connectorCount,
  };
}

function capabilities201(raw: ReadonlyMap<string, string>): Omit<Capabilities, 'raw'> {
  const of = (variable: string) => raw.get(`SmartChargingCtrlr.${variable}`);
  return {
    rateUnits: parseRateUnits(of('RateUnit')),
    maxStackLevel: parseCount(of('ProfileStackLevel'), FIGURE_MAX),
    maxPeriods: parseCount(of('PeriodsPerSchedule'), FIGURE_MAX),
    maxProfiles: parseCount(of('Entries'), FIGURE_MAX),
    phaseSwitching: parseFlag(of('ACPhaseSwitchingSupported')) ?? parseFlag(of('Phases3to1')),
    connectorCount: null,
  };
}

/** Reads the answer to a reading call; null when it is none, or tells nothing that was asked. */
export function readCapabilities(
  protocol: Protocol,
  action: string,
  resultPayload: unknown,
): Capabilities | null {
  if (action !== (protocol === 'ocpp1.6' ? 'GetConfiguration' : 'GetVariables') || !isRecord(resultPayload))
    return null;
  const entries = protocol === 'ocpp1.6' ? entries16(resultPayload) : entries201(resultPayload);
  if (entries.length === 0) return null;
  const raw = new Map(entries.map(([name, value]) => [name, value.slice(0, RAW_LENGTH_MAX)]));
  const read = protocol === 'ocpp1.6' ? capabilities16(raw) : capabilities201(raw);
  return { ...read, raw: Object.fromEntries(raw) };
}

const MEASURANDS = 'Current.Import,Power.Active.Import,Energy.Active.Import.Register';

/** Asks the station to report its currents, power and register every `intervalS` while it charges. */
export function meterIntervalCalls(protocol: Protocol, intervalS: number): ReadingCall[] {
  const interval = String(Math.max(1, Math.floor(intervalS)));
  if (protocol === 'ocpp1.6') {
    return [
      { action: 'ChangeConfiguration', payload: { key: 'MeterValuesSampledData', value: MEASURANDS } },
      { action: 'ChangeConfiguration', payload: { key: 'MeterValueSampleInterval', value: interval } },
    ];
  }
  const set = (variable: string, attributeValue: string) => ({
    attributeValue,
    component: { name: 'SampledDataCtrlr' },
    variable: { name: variable },
  });
  const setVariableData = [set('TxUpdatedMeasurands', MEASURANDS), set('TxUpdatedInterval', interval)];
  return [{ action: 'SetVariables', payload: { setVariableData } }];
}
