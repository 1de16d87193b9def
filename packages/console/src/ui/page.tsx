// The page as a whole: what stands where, and what stands there when there is nothing to show yet.

import { useState } from 'preact/hooks';
import { chosenNode, type PageState, planInForce } from '../model/state.js';
import { CapPanel } from './cap-panel.js';
import { ChartPanel } from './chart-panel.js';
import { NoSites, NoStations, Opening } from './empty.js';
import { Head } from './head.js';
import { LogPanel } from './log-panel.js';
import { Patterns } from './patterns.js';
import { PlanPanel } from './plan-panel.js';
import { Tiles } from './tiles.js';
import { TimeBar } from './time-bar.js';
import { TokenDialog } from './token-dialog.js';
import { Tree } from './tree.js';
import { type Actions, type PageOptions, usePage } from './use-page.js';

export function Page(options: PageOptions) {
  const [state, actions] = usePage(options);
  const [looksBack, setLooksBack] = useState(false);
  const showsTimeBar = looksBack || state.moment !== null;
  return (
    <div class="page">
      <Patterns />
      <Head
        state={state}
        actions={actions}
        looksBack={showsTimeBar}
        onLookBack={() => setLooksBack(!showsTimeBar)}
      />
      {showsTimeBar && state.view && (
        <TimeBar state={state} view={state.view} actions={actions} onClose={() => setLooksBack(false)} />
      )}
      <Body state={state} actions={actions} />
      {state.needsToken && <TokenDialog refusal={refusalOf(state)} onToken={actions.giveToken} />}
    </div>
  );
}

const refusalOf = ({ link }: PageState): string => (link.kind === 'lost' ? link.message : '');

function Body({ state, actions }: { readonly state: PageState; readonly actions: Actions }) {
  const { view } = state;
  const node = chosenNode(state);
  const plan = planInForce(state);
  if (state.sites?.length === 0) return <NoSites />;
  if (view === null || node === undefined) return <Opening link={state.link} needsToken={state.needsToken} />;
  return (
    <main class="columns">
      <Tiles view={view} />
      <ChartPanel state={state} view={view} node={node} />
      {plan && <PlanPanel state={state} view={view} plan={plan} actions={actions} />}
      <div class="area-tree">
        {view.stations.every(({ everConnected }) => !everConnected) && <NoStations view={view} />}
        <Tree state={state} view={view} actions={actions} />
      </div>
      <aside class="side">
        <CapPanel key={node.id} state={state} view={view} node={node} actions={actions} />
        <LogPanel log={state.log} view={view} />
      </aside>
    </main>
  );
}
