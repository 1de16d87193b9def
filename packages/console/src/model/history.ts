// The last minutes of every node, for the chart: bounded in time and in size.

import type { SiteView } from '@ampledger/domain';
import type { NodeId } from '@ampledger/kernel';
import { type Lane, lanesOf } from './lanes.js';

export interface Sample {
  readonly at: number;
  readonly lanes: ReadonlyMap<NodeId, readonly Lane[]>;
}

/** Oldest first. */
export type History = readonly Sample[];

export const HISTORY_MS = 15 * 60_000;
const SPACING_MS_MIN = 2_000;
/** Samples times nodes: about thirty megabytes at the most. */
const NODE_SAMPLES_MAX = 90_000;

/** Adds a view where its time belongs. The newest sample always stays; older ones keep their distance. */
export function remember(history: History, view: SiteView): History {
  const sample: Sample = {
    at: view.at,
    lanes: new Map(view.nodes.map((node) => [node.id, lanesOf(node, view)])),
  };
  const before = history.filter(({ at }) => at < sample.at);
  const after = history.filter(({ at }) => at > sample.at);
  if (after.length === 0) dropCrowded(before, spacingMs(view.nodes.length));
  const newest = after.at(-1)?.at ?? sample.at;
  return [...before, sample, ...after].filter(({ at }) => at >= newest - HISTORY_MS);
}

const spacingMs = (nodes: number): number =>
  Math.max(SPACING_MS_MIN, (HISTORY_MS * Math.max(1, nodes)) / NODE_SAMPLES_MAX);

/** The last sample but one goes when it is too near to the one before it. */
function dropCrowded(samples: Sample[], spacing: number): void {
  const [previous, last] = samples.slice(-2);
  if (previous && last && last.at - previous.at < spacing) samples.pop();
}
