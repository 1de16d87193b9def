// What holds a connector back, and what would free it, in sentences.

import type { Binding, ConnectorView, EnvelopeView, SiteView } from '@ampledger/domain';
import { phaseName } from '../model/phases.js';
import { amperes, connectorName, nameOfNode, quantity, shortMoment, sourceName } from './format.js';

export interface Explanation {
  readonly holds: string;
  readonly frees: string;
}

type Link = Exclude<Binding, { kind: 'bound' }>;
type Bound = Extract<Binding, { kind: 'bound' }>['bound'];

export function explain(view: SiteView, connector: ConnectorView): Explanation {
  const { because } = connector;
  return because.kind === 'bound'
    ? explainBound(because.bound, view, connector)
    : explainLink(because, view, connector);
}

function explainLink(link: Link, view: SiteView, connector: ConnectorView): Explanation {
  const unit = link.phase === null ? 'kW' : 'A';
  const scale = unit === 'kW' ? 1000 : 1;
  const place = `${nameOfNode(view, link.node)}${link.phase === null ? '' : ` ${phaseName(link.phase)}`}`;
  const rivals = rivalsOf(link, view, connector);
  const holds = `${place} can carry ${quantity(link.capacity / scale, unit)} for cars (${sourceName(link.envelope)})${
    rivals === 0 ? '.' : `, shared with ${rivals} other${rivals === 1 ? '' : 's'}.`
  }`;
  const ways = waysToRoom(link, view);
  if (link.kind === 'link') return { holds, frees: `More current follows when ${ways}.` };
  return {
    holds: `${holds} No part of that is left that reaches its least useful current, ${amperes(connector.minA)}.`,
    frees: `Its turn comes by itself, in rotation. Sooner when ${ways}.`,
  };
}

function waysToRoom(link: Link, view: SiteView): string {
  const node = view.nodes.find(({ id }) => id === link.node);
  const envelope = view.envelopes.find((candidate) => holdsAt(candidate, link));
  const unmanaged = node && link.phase !== null ? node.unmanagedA[link.phase] : 0;
  const ways = [
    'another car there stops or takes less',
    ...(unmanaged > 0 ? [`the other load there (${amperes(unmanaged)}) falls`] : []),
    envelopeWay(envelope, link, view),
  ];
  return `${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}`;
}

const holdsAt = (envelope: EnvelopeView, link: Link): boolean =>
  envelope.source === link.envelope && envelope.node === link.node && envelope.state !== 'over';

function envelopeWay(envelope: EnvelopeView | undefined, link: Link, view: SiteView): string {
  if (envelope === undefined) return 'its limit is raised';
  const source = sourceName(link.envelope);
  if (envelope.to === null) return `the ${source} is raised or removed`;
  return `the ${source} ends at ${shortMoment(envelope.to, view.at, view.timeZone)}`;
}

const rivalsOf = (link: Link, view: SiteView, connector: ConnectorView): number =>
  view.connectors.filter(
    ({ key, because }) =>
      key !== connector.key &&
      because.kind !== 'bound' &&
      because.node === link.node &&
      because.phase === link.phase,
  ).length;

function explainBound(bound: Bound, view: SiteView, connector: ConnectorView): Explanation {
  const held = amperes(connector.offerA);
  switch (bound) {
    case 'maximum':
      return {
        holds: `Nothing holds it back: it has all that it can carry, ${amperes(connector.maxA)}.`,
        frees: 'Nothing to free.',
      };
    case 'draw':
      return {
        holds: 'The car takes less than it could; what it leaves goes to others.',
        frees: 'More current follows as soon as the car draws all it is offered.',
      };
    case 'no-session':
      return { holds: 'No car is charging here.', frees: 'It is given current when a car starts a session.' };
    case 'unavailable':
      return {
        holds: 'The station says that this connector is out of service.',
        frees: 'The station must report it available again.',
      };
    case 'offline':
      return {
        holds: `The station is not connected. It is counted at ${held}, the most it may be holding.`,
        frees: leaseWay(view, connector),
      };
    case 'not-commissioned':
      return {
        holds: 'The station has not accepted its default limit yet.',
        frees: 'It is given current once it has.',
      };
    case 'disobeys':
      return {
        holds: 'It draws more than it may, so it is counted at what it draws.',
        frees: `${connectorName(view, connector)} must follow its limit again.`,
      };
    case 'undecided':
      return { holds: 'It has only just come; its share is being worked out.', frees: 'Nothing to free.' };
  }
}

const leaseWay = (view: SiteView, { leaseEndsAt }: ConnectorView): string =>
  leaseEndsAt === null || leaseEndsAt <= view.at
    ? 'It is given more when the station connects again.'
    : `At ${shortMoment(leaseEndsAt, view.at, view.timeZone)} it falls to its fallback by itself, or the station connects again.`;
