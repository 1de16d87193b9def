// The configuration keys of an OCPP 1.6 station (section 9).

import type { StationControl } from '../dialect.js';
import { fixed, measurandList, type SettingText, wholeNumber, yesNo } from '../settings.js';

export type Configuration = ReadonlyMap<string, SettingText>;

const FEATURES = 'Core,SmartCharging,RemoteTrigger';

const smartCharging = ({ limits }: StationControl): Readonly<Record<string, SettingText>> => ({
  ChargeProfileMaxStackLevel: fixed(limits.maxStackLevel),
  ChargingScheduleAllowedChargingRateUnit: fixed(
    limits.rateUnits.map((unit) => (unit === 'A' ? 'Current' : 'Power')).join(','),
  ),
  ChargingScheduleMaxPeriods: fixed(limits.maxPeriods),
  ConnectorSwitch3to1PhaseSupported: fixed(limits.phaseSwitching),
  MaxChargingProfilesInstalled: fixed(limits.maxProfiles),
});

export function configuration16(control: StationControl): Configuration {
  const { settings } = control;
  return new Map(
    Object.entries({
      AuthorizeRemoteTxRequests: fixed(false),
      ClockAlignedDataInterval: wholeNumber(settings, 'clockAlignedIntervalS'),
      ConnectionTimeOut: wholeNumber(settings, 'connectionTimeoutS', 1),
      GetConfigurationMaxKeys: fixed(50),
      HeartbeatInterval: wholeNumber(settings, 'heartbeatIntervalS', 1),
      LocalAuthorizeOffline: fixed(true),
      LocalPreAuthorize: fixed(false),
      MeterValueSampleInterval: wholeNumber(settings, 'meterIntervalS'),
      MeterValuesSampledData: measurandList(settings),
      NumberOfConnectors: fixed(control.charging.evses.length),
      StopTransactionOnEVSideDisconnect: fixed(true),
      StopTransactionOnInvalidId: yesNo(settings, 'stopOnInvalidId'),
      SupportedFeatureProfiles: fixed(FEATURES),
      TransactionMessageAttempts: wholeNumber(settings, 'messageAttempts', 1),
      TransactionMessageRetryInterval: wholeNumber(settings, 'messageRetryIntervalS', 1),
      UnlockConnectorOnEVSideDisconnect: fixed(true),
      WebSocketPingInterval: wholeNumber(settings, 'webSocketPingIntervalS'),
      ...smartCharging(control),
    }),
  );
}

const entry = (key: string, setting: SettingText) => ({
  key,
  readonly: setting.write === undefined,
  value: setting.read(),
});

/** GetConfiguration.conf for the keys asked for; none is all. */
export function readConfiguration(
  configuration: Configuration,
  keys: readonly string[],
): Record<string, unknown> {
  if (keys.length === 0)
    return { configurationKey: [...configuration].map(([key, setting]) => entry(key, setting)) };
  const found = keys.flatMap((key) => {
    const setting = configuration.get(key);
    return setting === undefined ? [] : [entry(key, setting)];
  });
  const unknownKey = keys.filter((key) => !configuration.has(key));
  return { configurationKey: found, ...(unknownKey.length === 0 ? {} : { unknownKey }) };
}
