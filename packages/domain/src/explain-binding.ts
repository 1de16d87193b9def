// Why a connector has the limit it has, as a sentence.

import { type Phase, phaseName, unreachable } from '@ampledger/kernel';
import { RATING } from './capacity.js';
import type { Binding } from './event-types.js';
import { topologyOf } from './links.js';
import { clockWords } from './local-time.js';
import { lineWords, phaseWords, type Wiring } from './phase-currents.js';
import type { SiteState } from './state.js';

export function explainBinding(because: Binding, state: SiteState): string {
  switch (because.kind) {
    case 'bound':
      return BOUNDS[because.bound];
    case 'link':
      return `${linkWords(because, state)} ${sharedOut(because)}${gainWords(because, state)}${untilWords(because, state)}${unseenWords(because, state)}`;
    case 'waiting':
      return `Waits for its turn: ${linkWords(because, state)} leaves less than the minimum current.${untilWords(because, state)}${unseenWords(because, state)}`;
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
  step: 'What is left for it is less than the least that the station can be set to.',
  delay: 'It begins a little later: the random delay that the site file asks for.',
  undecided: 'The optimizer has not come to it yet.',
};

type LinkBinding = Extract<Binding, { kind: 'link' | 'waiting' }>;

function linkWords(binding: LinkBinding, state: SiteState): string {
  const name = nameOf(binding, state);
  const whose = binding.envelope === RATING ? '' : ` (limit of ${binding.envelope})`;
  return `${name}, ${amountWords(binding, state.config.wiring)} for charging${whose},`;
}

const nameOf = ({ node }: LinkBinding, state: SiteState): string =>
  state.config.nodes.find((n) => n.id === node)?.name ?? node;

function amountWords({ line, phase, capacity }: LinkBinding, wiring: Wiring): string {
  if (line === 'unbalance') return `at most ${round(capacity)} A between its phases`;
  if (phase === null) return `${round(capacity / 1000)} kW`;
  return `${round(capacity)} A on ${placeWords(line, phase, wiring)}`;
}

/** L2; leg BC; line B of the transformer's primary side. */
function placeWords(line: LinkBinding['line'], phase: Phase, wiring: Wiring): string {
  if (line === undefined) return wiring === 'delta' ? `leg ${phaseWords(wiring, phase)}` : phaseName(phase);
  return `line ${lineWords(phase)} of the transformer’s ${line} side`;
}

const sharedOut = ({ sharers }: LinkBinding): string =>
  sharers === null || sharers < 2 ? 'is shared out in full.' : `is shared out in full among ${sharers} cars.`;

/** Less than this is nothing to speak of. */
const GAIN_A_MIN = 0.01;

/** What more room would give: the worth of the limit to this car. */
function gainWords(binding: LinkBinding, state: SiteState): string {
  const { gainA, line, phase } = binding;
  if (gainA === null) return '';
  const power = line === undefined && phase === null;
  const gain = power ? gainA * 1000 : gainA;
  if (gain < GAIN_A_MIN) return '';
  const where =
    power || phase === null
      ? nameOf(binding, state)
      : `${nameOf(binding, state)}, ${placeWords(line, phase, state.config.wiring)},`;
  return ` 1 ${power ? 'kW' : 'A'} more on ${where} would give this car ${twoDigits(gain)} A.`;
}

const twoDigits = (value: number): string =>
  String(value < 1 ? Math.round(value * 100) / 100 : Math.round(value * 10) / 10);

const untilWords = ({ until }: LinkBinding, { config }: SiteState): string =>
  until === null ? '' : ` It is shared out anew at ${clockWords(config.timeZone, until)} at the latest.`;

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
