// A connector's keys are written in layers: its own, its station's, the site's defaults, the product's. Each key
// is looked up from the inside out, and remembers where it was written, so that a problem points there.

import type { Path } from './problem.js';
import type { ConnectorDefaultsForm } from './station-form.js';

export type Key = keyof ConnectorDefaultsForm;

export interface Layer {
  readonly keys: ConnectorDefaultsForm;
  readonly path: Path;
  /** What a key is called there, where it has another name. */
  readonly names?: Partial<Record<Key, string>>;
}

export interface Written<T> {
  readonly value: T;
  readonly path: Path;
  /** 0 is the innermost layer. */
  readonly layer: number;
}

/** Every place where the key is written, from the inside out. */
export const writtenAt = <K extends Key>(
  key: K,
  layers: readonly Layer[],
): readonly Written<NonNullable<ConnectorDefaultsForm[K]>>[] =>
  layers.flatMap(({ keys, path, names }, layer) => {
    const value = keys[key];
    return value === undefined ? [] : [{ value, path: [...path, names?.[key] ?? key], layer }];
  });

/** The innermost, or `otherwise` in a layer behind all others. */
export function pick<K extends Key, D>(
  key: K,
  layers: readonly Layer[],
  otherwise: D,
): Written<NonNullable<ConnectorDefaultsForm[K]> | D> {
  return writtenAt(key, layers)[0] ?? { value: otherwise, path: layers[0]?.path ?? [], layer: layers.length };
}
