// A connector's settings, collected from four layers: its own keys, its station's, the site's, the product's.
// Remembers where each value was written, so that a problem points there.

import { type ConnectorConfig, DEFAULT_CONNECTOR } from '@ampledger/domain';
import type { Phase } from '@ampledger/kernel';
import type { Finding, Path } from './problem.js';
import type { ConnectorDefaultsForm } from './station-form.js';

type Key = keyof ConnectorDefaultsForm;

export interface Layer {
  readonly keys: ConnectorDefaultsForm;
  readonly path: Path;
}

export const CONNECTOR_DEFAULTS = {
  phases: 3,
  rotation: 'L1L2L3',
  min: 6,
  max: 32,
  priority: 0,
  weight: 1,
  fallback: 0,
  idle: 0,
} as const satisfies ConnectorDefaultsForm;

interface Written<T> {
  readonly value: T;
  readonly path: Path;
  /** 0 is the innermost layer. */
  readonly layer: number;
}

export interface ResolvedConnector {
  readonly config: ConnectorConfig;
  readonly findings: readonly Finding[];
}

/** `layers` from the inside out, without the product's own defaults. */
export function resolveConnector(evseId: number, layers: readonly Layer[]): ResolvedConnector {
  const all = [...layers, { keys: CONNECTOR_DEFAULTS, path: layers[0]?.path ?? [] }];
  const pick = <K extends Key>(
    key: K,
  ): Written<(typeof CONNECTOR_DEFAULTS)[K] | NonNullable<ConnectorDefaultsForm[K]>> => {
    const layer = all.findIndex(({ keys }) => keys[key] !== undefined);
    const value = all[layer]?.keys[key] ?? CONNECTOR_DEFAULTS[key];
    const path = all[layer]?.path ?? [];
    return { value, path: layer < layers.length ? [...path, key] : path, layer };
  };
  const wiring = resolvePhases(pick('phases'), pick('rotation'), layers.length);
  const currents = { min: pick('min'), max: pick('max'), fallback: pick('fallback'), idle: pick('idle') };
  return {
    config: {
      ...DEFAULT_CONNECTOR,
      evseId,
      phases: wiring.phases,
      minA: currents.min.value,
      maxA: currents.max.value,
      priority: pick('priority').value,
      weight: pick('weight').value,
      fallbackA: currents.fallback.value,
      idleA: currents.idle.value,
    },
    findings: [...wiring.findings, ...currentFindings(currents)],
  };
}

const PHASE_OF: Readonly<Record<string, Phase>> = { L1: 0, L2: 1, L3: 2 };
const rotationPhases = (rotation: string): readonly Phase[] =>
  (rotation.match(/L[123]/g) ?? []).map((name) => PHASE_OF[name] ?? 0);

/**
 * A station is wired once: a connector that says fewer phases uses the first of its station's rotation. A
 * rotation that stands further inside than the number of phases says that number too.
 */
function resolvePhases(
  phases: Written<number>,
  rotation: Written<string>,
  defaultsLayer: number,
): { phases: readonly Phase[]; findings: readonly Finding[] } {
  const named = rotationPhases(rotation.value);
  if (rotation.layer < phases.layer) return { phases: named, findings: [] };
  const conflict =
    named.length < phases.value ||
    (rotation.layer === phases.layer && rotation.layer < defaultsLayer && named.length > phases.value);
  if (!conflict) return { phases: named.slice(0, phases.value), findings: [] };
  const count = phases.value === 1 ? '1 phase' : `${phases.value} phases`;
  return {
    phases: named,
    findings: [
      {
        path: rotation.path,
        message: `rotation \`${rotation.value}\` does not match ${count}`,
        expected: `a rotation that names ${count}, or another \`phases\``,
      },
    ],
  };
}

type Currents = Readonly<Record<'min' | 'max' | 'fallback' | 'idle', Written<number>>>;

function currentFindings({ min, max, fallback, idle }: Currents): readonly Finding[] {
  if (min.value > max.value) {
    const [culprit, word] = min.layer <= max.layer ? [min, 'min'] : [max, 'max'];
    const message = `\`min\` (${min.value} A) is above \`max\` (${max.value} A)`;
    return [{ path: culprit.path, message, expected: `another \`${word}\`: \`min\` is at most \`max\`` }];
  }
  const between = { min: min.value, max: max.value };
  return [...offerFindings('fallback', fallback, between), ...offerFindings('idle', idle, between)];
}

function offerFindings(
  key: 'fallback' | 'idle',
  offer: Written<number>,
  { min, max }: { min: number; max: number },
): readonly Finding[] {
  if (offer.value === 0 || (offer.value >= min && offer.value <= max)) return [];
  const expected = `0 A, or from ${min} A to ${max} A (\`min\` and \`max\` of the connector)`;
  const message = `${key} ${offer.value} A is more than zero and ${offer.value < min ? 'less than `min`' : 'more than `max`'}`;
  return [{ path: offer.path, message, expected }];
}
