// The phases of one connector.

import { type ConnectorConfig, wiredTo } from '@ampledger/domain';
import type { Phase } from '@ampledger/kernel';
import { type Layer, pick, type Written } from './layers.js';
import type { Finding } from './problem.js';
import { DEFAULT_ROTATION, rotationPhases, UNKNOWN, type Wiring } from './rotation.js';

export interface ResolvedPhases {
  readonly phases: readonly Phase[];
  /** How many of them it really uses: fewer only where it is not known which. */
  readonly count: ConnectorConfig['wiredPhases'];
  readonly rotationKnown: boolean;
  readonly findings: readonly Finding[];
}

const ALL: readonly Phase[] = [0, 1, 2];
const EVEN: ResolvedPhases = { phases: ALL, count: 3, rotationKnown: true, findings: [] };

/** A DC connector loads all three phases evenly, however it is wired: `dcLayer` is where it says that it is one. */
export function resolveDcPhases(layers: readonly Layer[], dcLayer: number): ResolvedPhases {
  const phases = pick('phases', layers, 3);
  if (phases.value === 3 || phases.layer > dcLayer) return EVEN;
  const message = `a DC connector with \`phases: ${phases.value}\``;
  return {
    ...EVEN,
    findings: [{ path: phases.path, message, expected: 'no `phases`: DC loads all three evenly' }],
  };
}

/**
 * A station is wired once: a connector that says fewer phases uses the first of its station's rotation. A
 * rotation that stands further inside than the number of phases says that number too. Where none is written, one
 * phase is the first; the order of more than one is then not known, and nothing may be concluded from it.
 */
export function resolvePhases(layers: readonly Layer[], wiring: Wiring): ResolvedPhases {
  const phases = pick('phases', layers, 3 as const);
  const rotation = pick('rotation', layers, DEFAULT_ROTATION[wiring]);
  if (rotation.value === UNKNOWN) return unknownPhases(phases, rotation, wiring);
  const named = rotationPhases(rotation.value, wiring);
  if (named === undefined) return refused(ALL, otherWiring(rotation, wiring));
  const known = (found: readonly Phase[]) => ({
    phases: found,
    count: wiredTo(found),
    // Two or three phases in the default's order are not known to be in that order.
    rotationKnown: rotation.layer < layers.length || found.length === 1,
    findings: [],
  });
  if (rotation.layer < phases.layer) return known(named);
  if (wiring === 'delta' && phases.value === 2) {
    const message = '`phases: 2` in a site with `wiring: delta`';
    return refused(ALL, { path: phases.path, message, expected: '1 phase, between two lines, or 3 phases' });
  }
  const conflict =
    named.length < phases.value ||
    (rotation.layer === phases.layer && rotation.layer < layers.length && named.length > phases.value);
  return conflict ? refused(named, mismatch(rotation, phases.value)) : known(named.slice(0, phases.value));
}

const refused = (phases: readonly Phase[], finding: Finding): ResolvedPhases => ({
  phases,
  count: wiredTo(phases),
  rotationKnown: true,
  findings: [finding],
});

function mismatch(rotation: Written<string>, phases: number): Finding {
  const count = phases === 1 ? '1 phase' : `${phases} phases`;
  return {
    path: rotation.path,
    message: `rotation \`${rotation.value}\` does not match ${count}`,
    expected: `a rotation that names ${count}, or another \`phases\``,
  };
}

function otherWiring({ value, path }: Written<string>, wiring: Wiring): Finding {
  const message = `rotation \`${value}\` in a site with \`wiring: ${wiring}\``;
  const expected =
    wiring === 'delta'
      ? 'lines: `AB`, `BC` or `CA` for one phase, `ABC`, `BCA`, ... for three'
      : 'phases: `L1`, `L1L2`, `L1L2L3`, ..., or `wiring: delta` at the site';
  return { path, message, expected };
}

/**
 * Counts on every phase. Behind a delta that would be right for three phases only: they load each leg with less
 * than their current, and one phase loads one leg with all of it.
 */
function unknownPhases(
  phases: Written<ConnectorConfig['wiredPhases']>,
  rotation: Written<string>,
  wiring: Wiring,
): ResolvedPhases {
  const found = { phases: ALL, count: phases.value, rotationKnown: false };
  if (phases.value === 3 || (phases.value === 1 && wiring === 'wye')) return { ...found, findings: [] };
  const message = `rotation \`${UNKNOWN}\` with \`phases: ${phases.value}\``;
  const expected =
    wiring === 'delta' ? '`AB`, `BC` or `CA`: which lines it is on' : '`phases: 1` or `phases: 3`';
  return {
    ...found,
    findings: [{ path: rotation.path, message: `${message} in a site with \`wiring: ${wiring}\``, expected }],
  };
}
