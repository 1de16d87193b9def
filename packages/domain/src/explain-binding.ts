// Why a connector has the limit it has, as a sentence.

import { phaseName, unreachable } from '@ampledger/kernel';
import { RATING } from './capacity.js';
import type { Binding } from './event-types.js';
import { topologyOf } from './links.js';
import type { SiteState } from './state.js';

export function explainBinding(because: Binding, state: SiteState): string {
  switch (because.kind) {
    case 'bound':
      return BOUNDS[because.bound];
    case 'link':
      return `${linkWords(because, state)} is shared out in full.${unseenWords(because, state)}`;
    case 'waiting':
      return `Waits for its turn: ${linkWords(because, state)} leaves less than the minimum current.${unseenWords(because, state)}`;
    default:
      return unreachable(because);
  }
}

const BOUNDS: Record<Extract<Binding, { kind: 'bound' }>['bound'], string> = {
  maximum: 'Has the most that the connector may give.',
  draw: 'The car takes less than it was offered; the rest goes to others.',
  'no-session': 'No car is charging here.',
  unavailable: 'The connector is out of service.',
  offline: 'The station is offline: it is counted at the most it may be holding.',
  'not-commissioned':
    'The station has not accepted its default profile yet: it is counted at its full rating.',
  disobeys: 'The station draws more than it accepted: it is counted at its full rating.',
  plan: 'The plan charges it at another time; it can still be full in time.',
  delay: 'It begins a little later: a random delay that the law asks for.',
  undecided: 'The optimizer has not come to it yet.',
};

type LinkBinding = Extract<Binding, { kind: 'link' | 'waiting' }>;

function linkWords({ node, phase, envelope, capacity }: LinkBinding, state: SiteState): string {
  const name = state.config.nodes.find((n) => n.id === node)?.name ?? node;
  const amount =
    phase === null ? `${round(capacity / 1000)} kW` : `${round(capacity)} A on ${phaseName(phase)}`;
  const whose = envelope === RATING ? '' : ` (limit of ${envelope})`;
  return `${name}, ${amount} for charging${whose},`;
}

/** Room that is kept for stations which never connected: the surprise of a site that is being set up. */
function unseenWords({ node }: LinkBinding, state: SiteState): string {
  if (state.config.control.unseen !== 'full') return '';
  const index = topologyOf(state.config).nodeIndex.get(node);
  const unseen = topologyOf(state.config).connectors.filter(
    ({ path, station }) =>
      index !== undefined && path.includes(index) && state.stations.get(station)?.everConnected !== true,
  );
  const [first] = unseen;
  if (first === undefined) return '';
  const others = new Set(unseen.map(({ station }) => station)).size - 1;
  const who = others === 0 ? `${first.station} has` : `${first.station} and ${others} more have`;
  return ` ${who} never connected and count at full rating (\`unseen\` in the site file).`;
}

const round = (value: number): string => String(Math.round(Math.max(0, value) * 10) / 10);
