// What a central system can change about a station; both protocols name these in their own way.

export interface Settings {
  heartbeatIntervalS: number;
  /** Between samples of a transaction; 0: none. */
  meterIntervalS: number;
  /** Between readings at round times; 0: none. */
  clockAlignedIntervalS: number;
  measurands: readonly Measurand[];
  /** How long a remote start waits for a car. */
  connectionTimeoutS: number;
  messageTimeoutS: number;
  messageAttempts: number;
  messageRetryIntervalS: number;
  stopOnInvalidId: boolean;
  webSocketPingIntervalS: number;
}

export const MEASURANDS = ['Current.Import', 'Power.Active.Import', 'Energy.Active.Import.Register'] as const;
export type Measurand = (typeof MEASURANDS)[number];

export const defaultSettings = (meterIntervalS: number, clockAlignedIntervalS: number): Settings => ({
  heartbeatIntervalS: 300,
  meterIntervalS,
  clockAlignedIntervalS,
  measurands: MEASURANDS,
  connectionTimeoutS: 60,
  messageTimeoutS: 30,
  messageAttempts: 3,
  messageRetryIntervalS: 10,
  stopOnInvalidId: true,
  webSocketPingIntervalS: 60,
});

export const isMeasurand = (name: string): name is Measurand => MEASURANDS.includes(name as Measurand);

/** A setting as text: how it is read, and how a new value is taken; `write` says whether it was. */
export interface SettingText {
  readonly read: () => string;
  readonly write?: (value: string) => boolean;
}

const SECONDS_MAX = 86_400;

type NumberSetting = { [K in keyof Settings]: Settings[K] extends number ? K : never }[keyof Settings];

export const wholeNumber = (settings: Settings, name: NumberSetting, least = 0): SettingText => ({
  read: () => String(settings[name]),
  write: (value) => {
    const n = /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
    if (!(n >= least && n <= SECONDS_MAX)) return false;
    settings[name] = n;
    return true;
  },
});

export const yesNo = (settings: Settings, name: 'stopOnInvalidId'): SettingText => ({
  read: () => String(settings[name]),
  write: (value) => {
    if (!/^(true|false)$/i.test(value)) return false;
    settings[name] = value.toLowerCase() === 'true';
    return true;
  },
});

export const measurandList = (settings: Settings): SettingText => ({
  read: () => settings.measurands.join(','),
  write: (value) => {
    const names = value === '' ? [] : value.split(',').map((name) => name.trim());
    const known = names.filter(isMeasurand);
    if (known.length !== names.length) return false;
    settings.measurands = known;
    return true;
  },
});

export const fixed = (value: string | number | boolean): SettingText => ({ read: () => String(value) });
