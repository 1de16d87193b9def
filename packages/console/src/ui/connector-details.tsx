// What binds a connector and what would free it, with the figures behind both.

import type { ConnectorView, SiteView } from '@ampledger/domain';
import { phaseName } from '../model/phases.js';
import { explain, placeName } from '../words/explain.js';
import { amperes, duration, shortMoment } from '../words/format.js';
import { needsFacts, phasesWords } from '../words/needs.js';

interface DetailsProps {
  readonly connector: ConnectorView;
  readonly view: SiteView;
}

export function ConnectorDetails({ connector, view }: DetailsProps) {
  const { holds, frees } = explain(view, connector);
  return (
    <div class="details">
      <div class="details-words">
        <h3>What binds it</h3>
        <p>{holds}</p>
        <BindingLink connector={connector} view={view} />
        <h3>What would free it</h3>
        <p>{frees}</p>
      </div>
      <dl class="facts">
        {factsOf(connector, view).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function BindingLink({ connector: { because }, view }: DetailsProps) {
  if (because.kind === 'bound') return null;
  const show = (): void => {
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    document
      .getElementById(`node-${because.node}`)
      ?.scrollIntoView({ block: 'center', behavior: calm ? 'auto' : 'smooth' });
  };
  return (
    <button type="button" class="quiet" onClick={show}>
      Show {placeName(because, view)}
    </button>
  );
}

function factsOf(connector: ConnectorView, view: SiteView): readonly (readonly [string, string])[] {
  const { session, drawA, acceptedA, leaseEndsAt } = connector;
  const station = view.stations.find(({ id }) => id === connector.station);
  const running = session !== null && session.endedAt === null ? session : null;
  return [
    ['Allocation', amperes(connector.allocationA)],
    [
      'Offer',
      `${amperes(connector.offerA)}, accepted ${acceptedA === null ? 'nothing yet' : amperes(acceptedA)}`,
    ],
    [
      'Draw',
      drawA === null
        ? 'unknown'
        : connector.phases
            .map((phase) => `${phaseName(view.wiring, phase)} ${amperes(drawA[phase])}`)
            .join(', '),
    ],
    ...(running ? [['Phases', phasesWords(connector, view.wiring)] as const] : []),
    ...(running ? needsFacts(connector.needs, view) : []),
    ['Can take', `${amperes(connector.minA)} to ${amperes(connector.maxA)}`],
    ['Lease ends', leaseEndsAt === null ? 'no lease' : shortMoment(leaseEndsAt, view.at, view.timeZone)],
    ['Session', running ? `${running.transaction}, for ${duration(view.at - running.startedAt)}` : 'none'],
    ['Priority', String(connector.priority)],
    ['Station', station ? stationWords(station) : connector.station],
  ];
}

function stationWords({ id, vendor, model, protocol }: SiteView['stations'][number]): string {
  const maker = [vendor, model].filter((word) => word !== null).join(' ');
  const version = protocol === null ? '' : protocol === 'ocpp1.6' ? 'OCPP 1.6' : 'OCPP 2.0.1';
  return [id, maker, version].filter((word) => word !== '').join(' · ');
}
