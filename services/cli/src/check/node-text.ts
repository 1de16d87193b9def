// A node's limits in one line. Behind a delta they are those of its lines, as the file says them; the limits of
// the legs that follow from these are left out.

import { type NodeConfig, phaseWords, type TransformerConfig, type Wiring } from '@ampledger/domain';
import { PHASES } from '@ampledger/kernel';
import { amperes, round } from '../output.js';

export function nodeText(node: NodeConfig, wiring: Wiring): string {
  const { limitW, reserveA, unbalanceA, transformer } = node;
  const parts = [
    ...currentParts(node, wiring),
    ...(limitW === null ? [] : [`${round(limitW / 1000)} kW`]),
    ...(transformer?.primaryA ? [primaryText(transformer, transformer.primaryA)] : []),
    ...(reserveA > 0 ? [`reserve ${round(reserveA)} A`] : []),
    ...(unbalanceA === null ? [] : [`unbalance at most ${round(unbalanceA)} A`]),
    ...exportParts(node),
    ...unmanagedParts(node, wiring),
  ];
  return parts.length === 0 ? 'no limit of its own' : parts.join(', ');
}

function currentParts({ limitA, transformer }: NodeConfig, wiring: Wiring): readonly string[] {
  const secondaryA = transformer?.secondaryA ?? null;
  if (secondaryA !== null) {
    const side = transformer?.primaryA ? ' of the transformer’s secondary side' : '';
    return [`${amperes(secondaryA)} A on each line${side}`];
  }
  if (limitA === null) return [];
  return [`${amperes(limitA)} A${wiring === 'delta' ? ' on the leg that it feeds' : ''}`];
}

const primaryText = ({ ratio }: TransformerConfig, primaryA: readonly number[]): string =>
  `${amperes(primaryA)} A on each line of its primary side (ratio ${Number(ratio.toPrecision(4))})`;

function exportParts({ exportA, exportW }: NodeConfig): readonly string[] {
  const most = [
    ...(exportA === null ? [] : [`${amperes(exportA)} A`]),
    ...(exportW === null ? [] : [`${round(exportW / 1000)} kW`]),
  ];
  return most.length === 0 ? [] : [`may feed back ${most.join(' and ')}`];
}

function unmanagedParts({ unmanaged }: NodeConfig, wiring: Wiring): readonly string[] {
  if (unmanaged.kind === 'none') return [];
  const loadA = unmanaged.kind === 'constant' ? unmanaged.loadA : unmanaged.maxA;
  const same = new Set(loadA).size === 1;
  const names = same ? '' : ` on ${PHASES.map((phase) => phaseWords(wiring, phase)).join('/')}`;
  const amount = `${amperes(loadA)} A${names}`;
  if (unmanaged.kind === 'constant') return [`unmanaged ${amount}`];
  return [`metered load, at most ${amount} (silent for ${round(unmanaged.staleAfterS)} s: all of it)`];
}
