// What binds a connector and what would free it, with the figures behind both.

import type { ConnectorView, SiteView } from '@ampledger/domain';
import type { SitePlan } from '../feed/plan.js';
import { phaseName, type Wiring } from '../model/phases.js';
import { explain, placeName, rivalsOf } from '../words/explain.js';
import { amperes, carPower, connectorName, duration, phaseAmperes, shortMoment } from '../words/format.js';
import { needsFacts, phasesWords } from '../words/needs.js';
import { standingOf } from '../words/standing.js';
import { showConnector, showPlace } from './show.js';
import type { Actions } from './use-page.js';

interface DetailsProps {
  readonly connector: ConnectorView;
  readonly view: SiteView;
  readonly plan: SitePlan | null;
  readonly actions: Actions;
}

export function ConnectorDetails(props: DetailsProps) {
  const { connector, view, plan } = props;
  const { holds, frees } = explain(view, connector);
  return (
    <div class="details">
      <div class="details-words">
        <h3>What binds it</h3>
        <p>{holds}</p>
        <BindingLink {...props} />
        <h3>What would free it</h3>
        <p>{frees}</p>
      </div>
      <dl class="facts">
        {factsOf(connector, view, plan).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

const RIVALS_SHOWN = 12;

/** To the limit that binds it, and to the others that it binds. */
function BindingLink({ connector, view, actions }: DetailsProps) {
  const { because } = connector;
  if (because.kind === 'bound') return null;
  const rivals = rivalsOf(because, view, connector);
  const more = rivals.length - RIVALS_SHOWN;
  return (
    <>
      <button type="button" class="quiet" onClick={() => showPlace(`node-${because.node}`)}>
        Show {placeName(because, view)}
      </button>
      {rivals.length > 0 && (
        <p class="rivals">
          Held there too:{' '}
          {rivals.slice(0, RIVALS_SHOWN).map((rival) => (
            <button
              key={rival.key}
              type="button"
              class="quiet"
              title={`${amperes(rival.allocationA)} of ${amperes(rival.maxA)}`}
              onClick={() => showConnector(rival.key, actions)}
            >
              {connectorName(view, rival)}
            </button>
          ))}
          {more > 0 && ` and ${more} more`}
        </p>
      )}
    </>
  );
}

function factsOf(
  connector: ConnectorView,
  view: SiteView,
  plan: SitePlan | null,
): readonly (readonly [string, string])[] {
  const { session, acceptedA, leaseEndsAt } = connector;
  const own = (value: number): string => phaseAmperes([value], view.wiring);
  const power = carPower(connector);
  const station = view.stations.find(({ id }) => id === connector.station);
  const running = session !== null && session.endedAt === null ? session : null;
  const standing = standingOf(connector, view, plan);
  return [
    ['Allocation', own(connector.allocationA)],
    [
      'Offer',
      `${own(connector.offerA)}, accepted ${acceptedA === null ? 'nothing yet' : amperes(acceptedA)}`,
    ],
    ['Draw', drawWords(connector, view.wiring)],
    ...(power === null ? [] : [['Car gets', `${power} (drawn / offered)`] as const]),
    ...(running ? [['Phases', phasesWords(connector, view.wiring)] as const] : []),
    ...(running ? needsFacts(connector.needs, view) : []),
    ...(standing === null ? [] : [['Stands', standing.words] as const]),
    ['Can take', `${amperes(connector.minA)} to ${amperes(connector.maxA)}`],
    ['Lease ends', leaseEndsAt === null ? 'no lease' : shortMoment(leaseEndsAt, view.at, view.timeZone)],
    ['Session', running ? `${running.transaction}, for ${duration(view.at - running.startedAt)}` : 'none'],
    ['Priority', String(connector.priority)],
    ['Station', station ? stationWords(station) : connector.station],
  ];
}

/** By phase; of three legs behind a delta the line first, which is what limits are of. */
function drawWords({ drawA, ownDrawA, phases }: ConnectorView, wiring: Wiring): string {
  if (drawA === null || ownDrawA === null) return 'unknown';
  const each = phases.map((phase) => `${phaseName(wiring, phase)} ${amperes(drawA[phase])}`).join(', ');
  return wiring === 'delta' && phases.length > 1 ? `${phaseAmperes([ownDrawA], wiring)}; legs ${each}` : each;
}

function stationWords({ id, vendor, model, protocol }: SiteView['stations'][number]): string {
  const maker = [vendor, model].filter((word) => word !== null).join(' ');
  const version = protocol === null ? '' : protocol === 'ocpp1.6' ? 'OCPP 1.6' : 'OCPP 2.0.1';
  return [id, maker, version].filter((word) => word !== '').join(' · ');
}
