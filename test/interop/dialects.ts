// What a station says in each version of OCPP, and where a limit stands in what it is told.

export interface Dialect {
  readonly protocol: 'ocpp1.6' | 'ocpp2.0.1';
  readonly boot: object;
  readonly status: object;
  readonly authorize: object;
  /** True when the answer to Authorize accepts the token. */
  accepts(answer: Json): boolean;
  start(at: string): readonly [action: string, payload: object];
  /** The transaction's id: given by the engine in 1.6, by the station in 2.0.1. */
  transactionOf(answer: Json): string | number;
  meter(at: string, currentA: number, transaction: string | number): object;
  stop(at: string, transaction: string | number): readonly [action: string, payload: object];
  /** What the station answers to the engine's calls. */
  readonly replies: { readonly [action: string]: (params: Json) => object };
  /** The charging profile in a SetChargingProfile. */
  profileOf(params: Json): {
    readonly purpose: string;
    readonly transaction: unknown;
    readonly limit: number;
  };
}

// biome-ignore lint/suspicious/noExplicitAny: messages of the other side, checked by its own schemas.
export type Json = any;

const TOKEN = 'INTEROP-TOKEN';
const sampled = (currentA: number) => [
  { value: '1000', measurand: 'Energy.Active.Import.Register', unit: 'Wh' },
  ...['L1', 'L2', 'L3'].map((phase) => ({
    value: currentA.toFixed(1),
    measurand: 'Current.Import',
    phase,
    unit: 'A',
  })),
];

const KEYS_16: Readonly<Record<string, string>> = {
  ChargingScheduleAllowedChargingRateUnit: 'Current',
  ChargeProfileMaxStackLevel: '8',
  ChargingScheduleMaxPeriods: '24',
  MaxChargingProfilesInstalled: '10',
  NumberOfConnectors: '1',
  MeterValueSampleInterval: '60',
};

function getConfiguration({ key }: Json): object {
  const keys: readonly string[] = key ?? Object.keys(KEYS_16);
  const known = keys.filter((name) => KEYS_16[name] !== undefined);
  return {
    configurationKey: known.map((name) => ({ key: name, readonly: true, value: KEYS_16[name] })),
    unknownKey: keys.filter((name) => KEYS_16[name] === undefined),
  };
}

export const OCPP_16: Dialect = {
  protocol: 'ocpp1.6',
  boot: { chargePointVendor: 'Interop', chargePointModel: 'One' },
  status: { connectorId: 1, errorCode: 'NoError', status: 'Preparing' },
  authorize: { idTag: TOKEN },
  accepts: (answer) => answer.idTagInfo?.status === 'Accepted',
  start: (timestamp) => ['StartTransaction', { connectorId: 1, idTag: TOKEN, meterStart: 1000, timestamp }],
  transactionOf: (answer) => answer.transactionId,
  meter: (timestamp, currentA, transactionId) => ({
    connectorId: 1,
    transactionId,
    meterValue: [{ timestamp, sampledValue: sampled(currentA) }],
  }),
  stop: (timestamp, transactionId) => [
    'StopTransaction',
    { transactionId, meterStop: 2000, timestamp, idTag: TOKEN, reason: 'Local' },
  ],
  replies: {
    GetConfiguration: getConfiguration,
    ChangeConfiguration: () => ({ status: 'Accepted' }),
    SetChargingProfile: () => ({ status: 'Accepted' }),
    ClearChargingProfile: () => ({ status: 'Accepted' }),
    TriggerMessage: () => ({ status: 'NotImplemented' }),
  },
  profileOf: ({ csChargingProfiles: profile }) => ({
    purpose: profile.chargingProfilePurpose,
    transaction: profile.transactionId,
    limit: profile.chargingSchedule.chargingSchedulePeriod[0].limit,
  }),
};

const VARIABLES_201: Readonly<Record<string, string>> = {
  'SmartChargingCtrlr.RateUnit': 'A',
  'SmartChargingCtrlr.ProfileStackLevel': '8',
  'SmartChargingCtrlr.PeriodsPerSchedule': '24',
};

const getVariables = ({ getVariableData }: Json): object => ({
  getVariableResult: getVariableData.map(({ component, variable, attributeType }: Json) => {
    const value = VARIABLES_201[`${component.name}.${variable.name}`];
    const result =
      value === undefined
        ? { attributeStatus: 'UnknownVariable' }
        : { attributeStatus: 'Accepted', attributeValue: value };
    return { ...result, component, variable, ...(attributeType === undefined ? {} : { attributeType }) };
  }),
});

const setVariables = ({ setVariableData }: Json): object => ({
  setVariableResult: setVariableData.map(({ component, variable }: Json) => ({
    attributeStatus: 'Accepted',
    component,
    variable,
  })),
});

const TRANSACTION_201 = `interop-${process.pid}-${Date.now()}`;
const idToken = { idToken: TOKEN, type: 'ISO14443' };
const sampled201 = (currentA: number) =>
  sampled(currentA).map(({ value, unit, ...rest }) => ({
    ...rest,
    value: Number(value),
    unitOfMeasure: { unit },
  }));

export const OCPP_201: Dialect = {
  protocol: 'ocpp2.0.1',
  boot: { reason: 'PowerUp', chargingStation: { vendorName: 'Interop', model: 'Two' } },
  status: { timestamp: new Date().toISOString(), connectorStatus: 'Occupied', evseId: 1, connectorId: 1 },
  authorize: { idToken },
  accepts: (answer) => answer.idTokenInfo?.status === 'Accepted',
  start: (timestamp) => [
    'TransactionEvent',
    {
      eventType: 'Started',
      timestamp,
      triggerReason: 'Authorized',
      seqNo: 0,
      transactionInfo: { transactionId: TRANSACTION_201, chargingState: 'Charging' },
      evse: { id: 1, connectorId: 1 },
      idToken,
      meterValue: [{ timestamp, sampledValue: sampled201(0) }],
    },
  ],
  transactionOf: () => TRANSACTION_201,
  meter: (timestamp, currentA) => ({
    evseId: 1,
    meterValue: [{ timestamp, sampledValue: sampled201(currentA) }],
  }),
  stop: (timestamp) => [
    'TransactionEvent',
    {
      eventType: 'Ended',
      timestamp,
      triggerReason: 'StopAuthorized',
      seqNo: 1,
      transactionInfo: { transactionId: TRANSACTION_201, stoppedReason: 'Local' },
      evse: { id: 1, connectorId: 1 },
    },
  ],
  replies: {
    GetVariables: getVariables,
    SetVariables: setVariables,
    GetBaseReport: () => ({ status: 'NotSupported' }),
    SetChargingProfile: () => ({ status: 'Accepted' }),
    ClearChargingProfile: () => ({ status: 'Accepted' }),
    TriggerMessage: () => ({ status: 'NotImplemented' }),
  },
  profileOf: ({ chargingProfile: profile }) => ({
    purpose: profile.chargingProfilePurpose,
    transaction: profile.transactionId,
    limit: profile.chargingSchedule[0].chargingSchedulePeriod[0].limit,
  }),
};
