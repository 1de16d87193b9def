// From a link of the solver to what is recorded as the reason.

import { type Binding, LINKS_PER_NODE, type SiteConfig, transformerLines } from '@ampledger/domain';
import type { Phase } from '@ampledger/kernel';
import type { Problem } from './problem.js';
import { KIND, kindOfLink, nodeOfLink } from './solver/index.js';

type LinkBinding = Extract<Binding, { kind: 'link' | 'waiting' }>;

export interface Reasons {
  of(kind: LinkBinding['kind'], link: number, uneven: boolean): LinkBinding;
}

/** Connectors that the same link stops share one reason. */
export function createReasons(problem: Problem, config: SiteConfig): Reasons {
  const known = new Map<number, LinkBinding>();
  return {
    of(kind, link, uneven) {
      const key = 4 * link + (kind === 'link' ? 0 : 2) + (uneven ? 1 : 0);
      const made = known.get(key) ?? becauseLink(kind, link, { problem, config, uneven });
      known.set(key, made);
      return made;
    },
  };
}

function becauseLink(
  kind: LinkBinding['kind'],
  link: number,
  {
    problem,
    config,
    uneven,
  }: { readonly problem: Problem; readonly config: SiteConfig; readonly uneven: boolean },
): LinkBinding {
  const node = nodeOfLink(link);
  const of = kindOfLink(link);
  const at = config.nodes[node];
  const unknown = { gainA: null, sharers: null, until: untilOf(problem, node) };
  if (at === undefined) throw new RangeError(`the site has no node ${node}`);
  if (uneven && of < KIND.watts)
    return {
      kind,
      node: at.id,
      phase: of as Phase,
      line: 'unbalance',
      envelope: 'rating',
      capacity: shown(at.unbalanceA ?? 0),
      ...unknown,
    };
  if (of <= KIND.watts) {
    const row = node * LINKS_PER_NODE + of;
    return {
      kind,
      node: at.id,
      phase: of === KIND.watts ? null : (of as Phase),
      envelope: problem.by[row] ?? '',
      capacity: shown(problem.shown[row] ?? 0),
      ...unknown,
    };
  }
  const side = of < KIND.primaryA ? 'secondary' : 'primary';
  const phase = ((of - KIND.lineA) % 3) as Phase;
  const line = transformerLines(config).find(
    (one) => one.node === node && one.side === side && one.phase === phase,
  );
  return {
    kind,
    node: at.id,
    phase,
    line: side,
    envelope: 'rating',
    capacity: shown(line?.capacityA ?? 0),
    ...unknown,
  };
}

const shown = (capacity: number): number => Math.round(Math.max(0, capacity) * 10) / 10;

const untilOf = ({ changesAt }: Problem, node: number): number | null => {
  const at = changesAt[node] ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(at) ? at : null;
};
