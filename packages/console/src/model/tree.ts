// The site's nodes in reading order, each with the connectors that hang directly under it.

import type { ConnectorView, NodeView, SiteView } from '@ampledger/domain';

export interface Branch {
  readonly node: NodeView;
  /** 0 for the grid connection. */
  readonly depth: number;
  readonly connectors: readonly ConnectorView[];
}

const groupBy = <T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> => {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
};

/** Depth first, children in the order of the site file. Nodes whose parent is unknown count as roots. */
export function branchesOf(view: SiteView): readonly Branch[] {
  const ids = new Set(view.nodes.map((node) => node.id));
  const children = groupBy(view.nodes, (node) =>
    node.parent !== null && ids.has(node.parent) ? node.parent : null,
  );
  const connectors = groupBy(view.connectors, (connector) => connector.node);
  const branches: Branch[] = [];
  const pending = (children.get(null) ?? []).map((node) => ({ node, depth: 0 })).reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, depth } = next;
    branches.push({ node, depth, connectors: connectors.get(node.id) ?? [] });
    pending.push(
      ...(children.get(node.id) ?? []).map((child) => ({ node: child, depth: depth + 1 })).reverse(),
    );
  }
  return branches;
}
