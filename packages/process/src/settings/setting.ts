// One schema per process: each setting has one name, from which its flag, its variable and its key in the
// file follow. Flags go before the environment, that before the file, that before the default.

import type { Kind } from './kind.js';

export interface Setting<T> {
  readonly kind: Kind<Exclude<T, null>>;
  readonly help: string;
  /** Absent: must be set. null: nothing, when it is not set. */
  readonly default?: { readonly value: () => T; readonly shown: string };
  /** Its value is never shown; it may also stand in a file that `--x-file` or `AMPLEDGER_X_FILE` names. */
  readonly isSecret: boolean;
  /** Variables of others that mean the same; our own goes first. */
  readonly alsoEnv: readonly string[];
}

interface SettingInput<T> {
  readonly kind: Kind<T>;
  readonly help: string;
  readonly secret?: boolean;
  readonly alsoEnv?: readonly string[];
}

/** A setting that must be set; with a default, one that need not; with null, one that may be absent. */
export function setting<T>(input: SettingInput<T>): Setting<T>;
export function setting<T>(input: SettingInput<T> & { readonly default: NoInfer<T> }): Setting<T>;
export function setting<T>(input: SettingInput<T> & { readonly default: null }): Setting<T | null>;
export function setting<T>(
  input: SettingInput<T> & { readonly default: () => NoInfer<T>; readonly shown: string },
): Setting<T>;
export function setting<T>(
  input: SettingInput<T> & { readonly default?: T | null | (() => T); readonly shown?: string },
): Setting<T | null> {
  const { kind, help, secret = false, alsoEnv = [] } = input;
  const common = { kind: kind as Kind<Exclude<T, null>>, help, isSecret: secret, alsoEnv };
  if (input.default === undefined) return common;
  const given = input.default;
  if (typeof given === 'function') {
    return { ...common, default: { value: given as () => T, shown: input.shown ?? '' } };
  }
  const shown = given === null ? '' : (kind.show ?? String)(given);
  return { ...common, default: { value: () => given, shown } };
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;

export interface SettingsDefinition<S extends Settings = Settings> {
  /** The command behind `ampledger`. */
  readonly name: string;
  readonly about: string;
  readonly settings: S;
  /** What must hold between settings: a sentence for each thing that does not. */
  check?(values: SettingsOf<S>): readonly string[];
}

/** The values that a definition leads to. */
export type SettingsOf<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** The values of a definition. */
export type ValuesOf<D> = D extends SettingsDefinition<infer S> ? SettingsOf<S> : never;

export const defineSettings = <const S extends Settings>(
  definition: SettingsDefinition<S>,
): SettingsDefinition<S> => definition;

const words = (name: string): readonly string[] => name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());

/** `kafkaBrokers` → `--kafka-brokers` */
export const flagOf = (name: string): string => `--${words(name).join('-')}`;
/** `kafkaBrokers` → `AMPLEDGER_KAFKA_BROKERS` */
export const envOf = (name: string): string => `${ENV_PREFIX}${words(name).join('_').toUpperCase()}`;

export const ENV_PREFIX = 'AMPLEDGER_';
/** Names the file with settings. */
export const CONFIG = { name: 'config', flag: '--config', env: `${ENV_PREFIX}CONFIG` } as const;
