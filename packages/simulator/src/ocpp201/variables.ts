// The device model of an OCPP 2.0.1 station (B05-B07): components, variables, and their values.

import type { StationControl } from '../dialect.js';
import { fixed, measurandList, type SettingText, wholeNumber, yesNo } from '../settings.js';

export interface Variable {
  readonly component: string;
  readonly evseId: number | null;
  readonly connectorId: number | null;
  readonly name: string;
  readonly instance: string | null;
  readonly setting: SettingText;
  readonly dataType: 'integer' | 'boolean' | 'string' | 'OptionList' | 'MemberList';
}

type Row = readonly [
  component: string,
  name: string,
  setting: SettingText,
  dataType: Variable['dataType'],
  instance?: string,
];

const controllerRows = ({ settings, limits }: StationControl): readonly Row[] => [
  ['OCPPCommCtrlr', 'HeartbeatInterval', wholeNumber(settings, 'heartbeatIntervalS', 1), 'integer'],
  ['OCPPCommCtrlr', 'WebSocketPingInterval', wholeNumber(settings, 'webSocketPingIntervalS'), 'integer'],
  ['OCPPCommCtrlr', 'MessageTimeout', wholeNumber(settings, 'messageTimeoutS', 1), 'integer', 'Default'],
  [
    'OCPPCommCtrlr',
    'MessageAttempts',
    wholeNumber(settings, 'messageAttempts', 1),
    'integer',
    'TransactionEvent',
  ],
  [
    'OCPPCommCtrlr',
    'MessageAttemptInterval',
    wholeNumber(settings, 'messageRetryIntervalS', 1),
    'integer',
    'TransactionEvent',
  ],
  ['SampledDataCtrlr', 'TxUpdatedInterval', wholeNumber(settings, 'meterIntervalS'), 'integer'],
  ['SampledDataCtrlr', 'TxUpdatedMeasurands', measurandList(settings), 'MemberList'],
  ['AlignedDataCtrlr', 'Interval', wholeNumber(settings, 'clockAlignedIntervalS'), 'integer'],
  ['TxCtrlr', 'EVConnectionTimeOut', wholeNumber(settings, 'connectionTimeoutS', 1), 'integer'],
  ['TxCtrlr', 'StopTxOnInvalidId', yesNo(settings, 'stopOnInvalidId'), 'boolean'],
  ['TxCtrlr', 'TxStartPoint', fixed('Authorized'), 'MemberList'],
  ['TxCtrlr', 'TxStopPoint', fixed('EVConnected'), 'MemberList'],
  ['AuthCtrlr', 'AuthorizeRemoteStart', fixed(false), 'boolean'],
  ['DeviceDataCtrlr', 'ItemsPerMessage', fixed(ITEMS_PER_MESSAGE), 'integer', 'GetVariables'],
  ['DeviceDataCtrlr', 'ItemsPerMessage', fixed(ITEMS_PER_MESSAGE), 'integer', 'SetVariables'],
  ['SmartChargingCtrlr', 'Enabled', fixed(true), 'boolean'],
  ['SmartChargingCtrlr', 'Available', fixed(true), 'boolean'],
  ['SmartChargingCtrlr', 'RateUnit', fixed(limits.rateUnits.join(',')), 'MemberList'],
  ['SmartChargingCtrlr', 'ProfileStackLevel', fixed(limits.maxStackLevel), 'integer'],
  ['SmartChargingCtrlr', 'PeriodsPerSchedule', fixed(limits.maxPeriods), 'integer'],
  ['SmartChargingCtrlr', 'Entries', fixed(limits.maxProfiles), 'integer', 'ChargingProfiles'],
  ['SmartChargingCtrlr', 'ACPhaseSwitchingSupported', fixed(limits.phaseSwitching), 'boolean'],
  ['SmartChargingCtrlr', 'Phases3to1', fixed(limits.phaseSwitching), 'boolean'],
  ['ChargingStation', 'AvailabilityState', fixed('Available'), 'OptionList'],
  ['ChargingStation', 'SupplyPhases', fixed(3), 'integer'],
  ['ChargingStation', 'VendorName', fixed('Ampledger'), 'string'],
  ['ChargingStation', 'Model', fixed('Simulated 2.0.1'), 'string'],
];

export const ITEMS_PER_MESSAGE = 20;

export function variables201(control: StationControl): readonly Variable[] {
  const controllers = controllerRows(control).map(
    ([component, name, setting, dataType, instance]): Variable => ({
      component,
      name,
      setting,
      dataType,
      instance: instance ?? null,
      evseId: null,
      connectorId: null,
    }),
  );
  const outlets = control.charging.evses.flatMap((evse): readonly Variable[] => {
    const at = (component: string, connectorId: number | null) => ({
      component,
      evseId: evse.id,
      connectorId,
      instance: null,
    });
    const availability: SettingText = { read: () => (evse.operative ? 'Available' : 'Unavailable') };
    const powerW = evse.maxA * evse.phases.length * control.voltageV;
    return [
      { ...at('EVSE', null), name: 'AvailabilityState', setting: availability, dataType: 'OptionList' },
      { ...at('EVSE', null), name: 'SupplyPhases', setting: fixed(evse.phases.length), dataType: 'integer' },
      { ...at('EVSE', null), name: 'Power', setting: fixed(Math.round(powerW)), dataType: 'integer' },
      { ...at('Connector', 1), name: 'AvailabilityState', setting: availability, dataType: 'OptionList' },
      { ...at('Connector', 1), name: 'ConnectorType', setting: fixed('sType2'), dataType: 'string' },
    ];
  });
  return [...controllers, ...outlets];
}

const placeOf = (v: Variable): Record<string, unknown> => ({
  name: v.component,
  ...(v.evseId === null
    ? {}
    : { evse: { id: v.evseId, ...(v.connectorId === null ? {} : { connectorId: v.connectorId }) } }),
});

/** An item of NotifyReport. */
export const reportOf = (v: Variable): Record<string, unknown> => ({
  component: placeOf(v),
  variable: { name: v.name, ...(v.instance === null ? {} : { instance: v.instance }) },
  variableAttribute: [
    {
      type: 'Actual',
      value: v.setting.read(),
      mutability: v.setting.write === undefined ? 'ReadOnly' : 'ReadWrite',
      persistent: true,
      constant: false,
    },
  ],
  variableCharacteristics: { dataType: v.dataType, supportsMonitoring: false },
});
