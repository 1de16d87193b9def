// One node of the tree: its name, whose limit holds, and its lanes.

import type { Binding, NodeView, SiteView } from '@ampledger/domain';
import { type Held, heldKey, lanesOf, nodeLoadW } from '../model/lanes.js';
import type { PageState } from '../model/state.js';
import { amperes, kilowatts, nodeName, sourceName } from '../words/format.js';
import { LaneRow } from './lane-row.js';
import type { Actions } from './use-page.js';

interface NodeCardProps {
  readonly node: NodeView;
  readonly view: SiteView;
  readonly state: PageState;
  readonly held: ReadonlyMap<string, Held>;
  /** What binds the selected connector. */
  readonly binding: Binding | undefined;
  readonly actions: Actions;
}

export function NodeCard({ node, view, state, held, binding, actions }: NodeCardProps) {
  const selected = state.selection.node === node.id;
  return (
    <div id={`node-${node.id}`} class={`node ${selected ? 'node-selected' : ''}`}>
      <button
        type="button"
        class="node-head"
        aria-pressed={selected}
        title="Show its chart and cap it"
        onClick={() => actions.select({ node: selected ? null : node.id })}
      >
        <span class="node-name">{nodeName(node)}</span>
        <LimitSource node={node} />
        <span class="node-power">{kilowatts(nodeLoadW(node, view.voltageV))}</span>
      </button>
      {lanesOf(node, view.voltageV).map((lane) => (
        <LaneRow
          key={lane.label}
          lane={lane}
          held={held.get(heldKey(node.id, lane.phase))}
          binds={
            binding !== undefined &&
            binding.kind !== 'bound' &&
            binding.node === node.id &&
            binding.phase === lane.phase
          }
        />
      ))}
    </div>
  );
}

function LimitSource({ node }: { readonly node: NodeView }) {
  const capped = node.limitBy !== 'rating';
  return (
    <span class="node-notes">
      <span class={capped ? 'source source-cap' : 'source'}>
        {capped ? sourceName(node.limitBy) : 'limit: rating'}
      </span>
      {node.reserveA > 0 && <span>reserve {amperes(node.reserveA)}</span>}
      {node.unmanagedStale && <span class="stale">its meter is silent: full load assumed</span>}
    </span>
  );
}
