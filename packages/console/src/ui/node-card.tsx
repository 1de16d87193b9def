// One node of the tree: its name, whose limit holds, and its lanes.

import type { Binding, NodeView, SiteView } from '@ampledger/domain';
import {
  type Held,
  heldKey,
  isOverOffered,
  type Lane,
  lanesOf,
  lanesToShow,
  nodeLoadW,
  placeOf,
} from '../model/lanes.js';
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
  const lanes = lanesToShow(
    lanesOf(node, view),
    (lane) => isOverOffered(lane) || held.has(heldKey(node.id, lane)),
  );
  const lined = node.lines.length > 0 ? 'node-lined' : '';
  return (
    <div id={`node-${node.id}`} class={`node ${lined} ${selected ? 'node-selected' : ''}`}>
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
      {lanes.map((lane) => (
        <LaneRow
          key={lane.label}
          lane={lane}
          held={held.get(heldKey(node.id, lane))}
          binds={
            binding !== undefined &&
            binding.kind !== 'bound' &&
            binding.node === node.id &&
            isAbout(binding, lane)
          }
        />
      ))}
    </div>
  );
}

function isAbout(binding: Exclude<Binding, { kind: 'bound' }>, lane: Lane): boolean {
  const place = placeOf(binding);
  return place !== null && place.phase === lane.phase && place.line === lane.line;
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
