// What holds a connector back, and what would free it, in sentences.

import type { Binding, ConnectorView, EnvelopeView, SiteView } from '@ampledger/domain';
import { lineName, phaseName } from '../model/phases.js';
import { amperes, connectorName, kilowatts, nameOfNode, shortMoment, sourceName } from './format.js';

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
  const holds = `${capacityWords(link, view)} (${sourceName(link.envelope)})${sharedWords(link, view, connector)}.${gainWords(link, view, connector)}`;
  const ways = waysToRoom(link, view);
  const anew =
    link.until === null
      ? ''
      : ` It is shared out anew at ${shortMoment(link.until, view.at, view.timeZone)} at the latest.`;
  if (link.kind === 'link') return { holds, frees: `More current follows when ${ways}.${anew}` };
  return {
    holds: `${holds} No part of that is left that reaches its least useful current, ${amperes(connector.minA)}.`,
    frees: `Its turn comes by itself, in rotation. Sooner when ${ways}.${anew}`,
  };
}

/** `Feeder A L2`, `Feeder A`, `line B of Feeder A`, `line B of the transformer of Feeder A (primary side)`. */
export function placeName(link: Link, view: SiteView): string {
  const { node, phase, line } = link;
  const name = nameOfNode(view, node);
  if (phase === null || line === 'unbalance') return name;
  if (line === undefined) return `${name} ${phaseName(view.wiring, phase)}`;
  return hasTransformer(link, view)
    ? `line ${lineName(phase)} of the transformer of ${name} (${line} side)`
    : `line ${lineName(phase)} of ${name}`;
}

/** The lines of a panel are limited like a secondary side; only of a transformer anything else is known. */
const hasTransformer = ({ node, line }: Link, { nodes }: SiteView): boolean =>
  line === 'primary' ||
  nodes.some(({ id, lines }) => id === node && lines.some(({ side }) => side === 'primary'));

function capacityWords(link: Link, view: SiteView): string {
  const capacity =
    link.phase === null && link.line === undefined ? kilowatts(link.capacity) : amperes(link.capacity);
  if (link.line === 'unbalance')
    return `The phases of ${nameOfNode(view, link.node)} may differ by ${capacity}`;
  const place = placeName(link, view);
  const loads = link.line === undefined ? 'for cars' : 'in all';
  return `${place.charAt(0).toUpperCase()}${place.slice(1)} can carry ${capacity} ${loads}`;
}

function sharedWords(link: Link, view: SiteView, connector: ConnectorView): string {
  // Who would have nothing of more room there does not share the last of it.
  if (givesNothing(link)) return '';
  const others =
    link.sharers === null ? rivalsOf(link, view, connector).length : Math.max(0, link.sharers - 1);
  return others === 0 ? '' : `, shared with ${others} other${others === 1 ? '' : 's'}`;
}

/** Less than this is nothing to speak of. */
const GAIN_A_MIN = 0.01;
const gainFigure = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });

/** Amperes of this car for one more ampere there, or kilowatt; null: nobody looked. */
const gainOf = ({ gainA, phase, line }: Link): number | null =>
  gainA === null ? null : gainA * (phase === null && line === undefined ? 1000 : 1);

const givesNothing = (link: Link): boolean => (gainOf(link) ?? GAIN_A_MIN) < GAIN_A_MIN;

/** What the limit costs this car. */
function gainWords(link: Link, view: SiteView, connector: ConnectorView): string {
  if (link.kind === 'waiting') return '';
  const gain = gainOf(link);
  const { minA } = connector;
  const least = hasLeast(connector) ? ` It has its minimum, ${amperes(minA)}.` : '';
  if (gain === null) {
    const haveMore = rivalsOf(link, view, connector).some(
      (rival) => !hasLeast(rival) && rival.allocationA > 0,
    );
    return least !== '' && haveMore ? `${least} Others there have more: ${ruleWords(view, connector)}.` : '';
  }
  const unit = link.phase === null && link.line === undefined ? 'kW' : 'A';
  const more = `1 ${unit} more ${link.line === 'unbalance' ? 'of that difference' : 'there'}${onEachWords(link, view)}`;
  // What a station in steps is set to follows its share.
  if (gain >= GAIN_A_MIN) return ` ${more} would add ${gainFigure.format(gain)} A to its share.`;
  if (link.sharers === 0) return ` Other limits hold too: ${more} would help no car.`;
  const others = link.sharers === 1 ? 'another car' : `${link.sharers ?? 'the'} others`;
  return `${least} ${more} would go to ${others} first: ${ruleWords(view, connector)}.`;
}

/** Phases that are full together are raised together: a fuse has all of them. */
function onEachWords({ together, line }: Link, { wiring }: SiteView): string {
  if (together === undefined) return '';
  const names = together.map((each) => (line === undefined ? phaseName(wiring, each) : lineName(each)));
  return ` on each of ${names.join(', ')}`;
}

/** Limits have one decimal. */
const SAME_A = 0.05;
const hasLeast = ({ allocationA, minA }: ConnectorView): boolean =>
  allocationA > 0 && allocationA < minA + SAME_A;

/** `by priority, then who needs it more (policy balanced)` */
function ruleWords({ policy, connectors }: SiteView, { priority }: ConnectorView): string {
  const hasPriorities = connectors.some((other) => other.priority !== priority);
  return `${hasPriorities ? 'by priority, then ' : ''}${FIRST[policy]} (policy ${policy})`;
}

/** Who comes first where somebody does. */
const FIRST: Readonly<Record<SiteView['policy'], string>> = {
  fair: 'who has less',
  urgent: 'who can wait less',
  throughput: 'who puts it to more use',
  balanced: 'who needs it more',
};

function waysToRoom(link: Link, view: SiteView): string {
  const node = view.nodes.find(({ id }) => id === link.node);
  const envelope = view.envelopes.find((candidate) => holdsAt(candidate, link));
  const phase = link.line === undefined ? link.phase : null;
  const unmanaged = node && phase !== null ? node.unmanagedA[phase] : 0;
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

/** The others that the same limit holds. */
export const rivalsOf = (
  link: Link,
  view: SiteView,
  connector: Pick<ConnectorView, 'key'>,
): readonly ConnectorView[] =>
  view.connectors.filter(
    ({ key, because }) => key !== connector.key && because.kind !== 'bound' && isSameLink(because, link),
  );

const isSameLink = (one: Link, other: Link): boolean =>
  one.node === other.node && one.phase === other.phase && one.line === other.line;

/** Held by the same limit as the other, which is not itself. */
export const sharesLimit = (connector: ConnectorView, other: ConnectorView | undefined): boolean =>
  other !== undefined &&
  other.key !== connector.key &&
  other.because.kind !== 'bound' &&
  connector.because.kind !== 'bound' &&
  isSameLink(connector.because, other.because);

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
    case 'car':
      return {
        holds: `It has the most that its car takes, ${amperes(connector.allocationA)} by what the car said.`,
        frees: 'Nothing to free.',
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
    case 'plan':
      return {
        holds: connector.reason,
        frees: 'Its time in the plan comes; and what its car says it needs changes the plan.',
      };
    case 'step':
      return {
        holds: 'What is left for it is less than the least that the station can be set to.',
        frees: 'Others below the same limits must take less, or one of these limits must rise.',
      };
    case 'delay':
      return {
        holds: 'It could begin now, but for the random delay that the site file asks for.',
        frees: 'It begins by itself within minutes.',
      };
    case 'undecided':
      return { holds: 'It has only just come; its share is being worked out.', frees: 'Nothing to free.' };
  }
}

const leaseWay = (view: SiteView, { leaseEndsAt }: ConnectorView): string =>
  leaseEndsAt === null || leaseEndsAt <= view.at
    ? 'It is given more when the station connects again.'
    : `At ${shortMoment(leaseEndsAt, view.at, view.timeZone)} it falls to its fallback by itself, or the station connects again.`;
