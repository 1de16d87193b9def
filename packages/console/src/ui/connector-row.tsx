// One connector: who is there, what it gets, and why that much.

import type { ConnectorView, SiteView } from '@ampledger/domain';
import type { SitePlan } from '../feed/plan.js';
import { connectorBar, drawOf } from '../model/bar.js';
import { phaseNames } from '../model/phases.js';
import { alarmsToShow, alarmWords, connectorState } from '../words/connector-state.js';
import { amperes, carPower, connectorName, energy, reading, shortMoment } from '../words/format.js';
import { needLine, phasesWords } from '../words/needs.js';
import { ConnectorDetails } from './connector-details.js';
import { connectorPlace } from './show.js';
import type { Actions } from './use-page.js';

interface ConnectorRowProps {
  readonly connector: ConnectorView;
  readonly view: SiteView;
  /** The current at the end of every connector's bar. */
  readonly scaleA: number;
  readonly selected: boolean;
  /** The same limit holds it as the one that is selected. */
  readonly shares: boolean;
  readonly plan: SitePlan | null;
  readonly actions: Actions;
}

export function ConnectorRow(props: ConnectorRowProps) {
  const { connector, view, scaleA, selected, shares, plan, actions } = props;
  const { word, tone } = connectorState(connector);
  const need = needLine(connector, view, plan);
  const select = (): void => actions.select({ connector: selected ? null : connector.key });
  return (
    <li
      id={connectorPlace(connector.key)}
      class={`connector tone-${tone} ${selected ? 'connector-selected' : ''} ${shares ? 'connector-shares' : ''}`}
    >
      <button type="button" class="connector-head" aria-expanded={selected} onClick={select}>
        <span class="connector-name">{connectorName(view, connector)}</span>
        <span class="connector-state">{word}</span>
        <ConnectorBar connector={connector} scaleA={scaleA} />
        <ConnectorFigures connector={connector} wiring={view.wiring} />
        <span class="connector-phases" title={phasesWords(connector, view.wiring)}>
          {phaseNames(view.wiring, connector.carPhases ?? connector.phases)}
        </span>
        <SessionWords connector={connector} view={view} />
        <span class="connector-reason">
          {alarmsToShow(connector).map((alarm) => (
            <span key={alarm} class="alarm">
              {alarmWords(alarm)}
            </span>
          ))}
          {shares && <span class="connector-same">◆ Held by the same limit. </span>}
          {need !== null && <span class={`connector-wants wants-${need.kind}`}>{need.words} </span>}
          {connector.reason}
        </span>
      </button>
      {selected && <ConnectorDetails {...{ connector, view, plan, actions }} />}
    </li>
  );
}

function ConnectorBar({ connector, scaleA }: Pick<ConnectorRowProps, 'connector' | 'scaleA'>) {
  const bar = connectorBar(connector, scaleA);
  const words = `may hold ${amperes(connector.offerA)}, draws ${amperes(drawOf(connector) ?? 0)}, from ${amperes(connector.minA)} to ${amperes(connector.maxA)}`;
  return (
    <svg class="bar bar-connector" role="img" aria-label={words}>
      <title>{words}</title>
      <rect class="bar-track" width={`${bar.maximum}%`} height="100%" />
      <rect class="bar-offered" width={`${bar.offered}%`} height="100%" />
      <rect class="bar-drawn" width={`${bar.drawn}%`} height="100%" />
      <rect class="bar-minimum" x={`${bar.minimum}%`} width="1" height="100%" />
      {bar.allocation > 0 && <rect class="bar-allocation" x={`${bar.allocation}%`} width="2" height="100%" />}
    </svg>
  );
}

interface FiguresProps {
  readonly connector: ConnectorView;
  readonly wiring: SiteView['wiring'];
}

function ConnectorFigures({ connector, wiring }: FiguresProps) {
  const draw = drawOf(connector);
  const power = carPower(connector);
  return (
    <span class="connector-figures" title={`Drawn / offered${wiring === 'delta' ? ', on its lines' : ''}`}>
      <b>{draw === null ? '–' : reading(draw)}</b> / {amperes(connector.offerA)}
      {power !== null && <span class="connector-power">{power}</span>}
    </span>
  );
}

function SessionWords({ connector, view }: Pick<ConnectorRowProps, 'connector' | 'view'>) {
  const { session } = connector;
  if (session === null || session.endedAt !== null) return <span class="connector-session" />;
  return (
    <span class="connector-session">
      <b>{energy(session.energyWh)}</b> since {shortMoment(session.startedAt, view.at, view.timeZone)}
    </span>
  );
}
