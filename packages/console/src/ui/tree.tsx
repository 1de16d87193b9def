// The site's tree: every node with its lanes, and under each the connectors that hang on it.

import type { ConnectorView, SiteView } from '@ampledger/domain';
import { useState } from 'preact/hooks';
import { heldBy } from '../model/lanes.js';
import { type PageState, planInForce } from '../model/state.js';
import { branchesOf } from '../model/tree.js';
import { connectorState, hasAlarm, type Tally, tallyOf } from '../words/connector-state.js';
import { sharesLimit } from '../words/explain.js';
import { shortMoment } from '../words/format.js';
import { policyWords } from '../words/needs.js';
import { ConnectorRow } from './connector-row.js';
import { Legend } from './legend.js';
import { NodeCard } from './node-card.js';
import type { Actions } from './use-page.js';

interface TreeProps {
  readonly state: PageState;
  readonly view: SiteView;
  readonly actions: Actions;
}

type Filter = keyof Tally;

const PASSES: Readonly<Record<Filter, (connector: ConnectorView) => boolean>> = {
  all: () => true,
  charging: (connector) => connectorState(connector).tone === 'charging',
  waiting: (connector) => connectorState(connector).tone === 'waiting',
  alarms: hasAlarm,
};

export function Tree({ state, view, actions }: TreeProps) {
  const [filter, setFilter] = useState<Filter>('all');
  const held = heldBy(view);
  const scaleA = Math.max(1, ...view.connectors.map(({ maxA }) => maxA));
  const selected = selectedConnector(state, view);
  const plan = planInForce(state);
  return (
    <section aria-labelledby="tree-title">
      <div class="tree-head">
        <h2 id="tree-title">Where the current goes</h2>
        <span class="panel-note" title={policyWords(view.policy)}>
          policy: {view.policy}
          {view.plan && ` · plan to ${shortMoment(view.plan.until, view.at, view.timeZone)}`}
        </span>
        <Filters filter={filter} tally={tallyOf(view.connectors)} onFilter={setFilter} />
      </div>
      <Legend />
      <ol class="tree">
        {branchesOf(view).map(({ node, depth, connectors }) => (
          <li key={node.id} class={`branch depth-${Math.min(depth, 6)}`}>
            <NodeCard {...{ node, view, state, held, actions }} binding={selected?.because} />
            <ul class="connectors">
              {connectors.filter(PASSES[filter]).map((connector) => (
                <ConnectorRow
                  key={connector.key}
                  {...{ connector, view, scaleA, plan, actions }}
                  shares={sharesLimit(connector, selected)}
                  selected={connector.key === selected?.key}
                />
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </section>
  );
}

const selectedConnector = ({ selection }: PageState, view: SiteView): ConnectorView | undefined =>
  view.connectors.find(({ key }) => key === selection.connector);

const FILTER_WORDS: Readonly<Record<Filter, string>> = {
  all: 'All',
  charging: 'Charging',
  waiting: 'Waiting',
  alarms: 'Alarms',
};

interface FiltersProps {
  readonly filter: Filter;
  readonly tally: Tally;
  readonly onFilter: (filter: Filter) => void;
}

function Filters({ filter, tally, onFilter }: FiltersProps) {
  return (
    <fieldset class="filters">
      <legend class="unseen">Connectors to show</legend>
      {(Object.keys(FILTER_WORDS) as Filter[]).map((each) => (
        <button
          key={each}
          type="button"
          class="chip"
          aria-pressed={each === filter}
          onClick={() => onFilter(each)}
        >
          {FILTER_WORDS[each]} <b>{tally[each]}</b>
        </button>
      ))}
    </fieldset>
  );
}
