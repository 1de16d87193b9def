// Reads the payloads that a central system sends: each reader takes an unknown value and returns
// what it stands for, or throws Malformed with the path, which the dispatcher turns into a CALLERROR.

import { CodedError } from '@ampledger/kernel';

export class Malformed extends CodedError<'MALFORMED'> {
  constructor(path: string, expected: string) {
    super('MALFORMED', `${path}: expected ${expected}`);
    this.name = 'Malformed';
  }
}

export type Reader<T> = (value: unknown, path: string) => T;
export type Read<R> = R extends Reader<infer T> ? T : never;

export const text =
  (maxLength: number): Reader<string> =>
  (value, path) => {
    if (typeof value !== 'string' || value.length > maxLength)
      throw new Malformed(path, `text of at most ${maxLength}`);
    return value;
  };

export const int: Reader<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new Malformed(path, 'an integer');
  return value;
};

export const nat: Reader<number> = (value, path) => {
  if (int(value, path) < 0) throw new Malformed(path, 'an integer of at least 0');
  return value as number;
};

export const bool: Reader<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw new Malformed(path, 'true or false');
  return value;
};

/** Limits carry at most one decimal (OCPP 1.6 section 7.13, OCPP 2.0.1 K01). */
export const oneDecimal: Reader<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Malformed(path, 'a number');
  if (Math.abs(value * 10 - Math.round(value * 10)) > 1e-6) throw new Malformed(path, 'at most one decimal');
  return value;
};

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/i;

/** Epoch milliseconds. */
export const instant: Reader<number> = (value, path) => {
  const at = typeof value === 'string' && RFC3339.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw new Malformed(path, 'an RFC 3339 time');
  return at;
};

export const oneOf =
  <const T extends string>(...values: readonly T[]): Reader<T> =>
  (value, path) => {
    if (!values.includes(value as T)) throw new Malformed(path, `one of ${values.join(', ')}`);
    return value as T;
  };

export const optional =
  <T>(reader: Reader<T>): Reader<T | null> =>
  (value, path) =>
    value === undefined ? null : reader(value, path);

export const list =
  <T>(reader: Reader<T>, minItems: number, maxItems: number): Reader<readonly T[]> =>
  (value, path) => {
    if (!Array.isArray(value) || value.length < minItems || value.length > maxItems) {
      throw new Malformed(path, `a list of ${minItems} to ${maxItems}`);
    }
    return value.map((item, i) => reader(item, `${path}[${i}]`));
  };

type Fields = Readonly<Record<string, Reader<unknown>>>;
type Shape<F extends Fields> = { readonly [K in keyof F]: Read<F[K]> };

/** An object with these properties and no others; `customData` is allowed everywhere (OCPP 2.0.1 part 4). */
export const object = <F extends Fields>(fields: F): Reader<Shape<F>> => {
  const names = Object.keys(fields);
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Malformed(path, 'an object');
    for (const name of Object.keys(value)) {
      if (!Object.hasOwn(fields, name) && name !== 'customData')
        throw new Malformed(`${path}.${name}`, 'no such property');
    }
    const entries = names.map((name) => {
      const read = fields[name] as Reader<unknown>;
      return [name, read((value as Record<string, unknown>)[name], `${path}.${name}`)] as const;
    });
    return Object.fromEntries(entries) as Shape<F>;
  };
};

/** Anything at all, unread. */
export const anything: Reader<unknown> = (value) => value;
