// Why a connector has the limit it has, as a sentence.

import { type Phase, phaseName, unreachable } from '@ampledger/kernel';
import { RATING } from './capacity.js';
import type { Binding } from './event-types.js';
import { topologyOf } from './links.js';
import { clockWords } from './local-time.js';
import { lineWords, phaseWords, type Wiring } from './phase-currents.js';
import type { Policy, SiteConfig } from './site-config.js';
import type { SiteState } from './state.js';

/** What the connector was given, and the least that is of use to its car; amperes. */
export interface Given {
  readonly limitA: number;
  readonly minA: number;
}

/** Times of day are those of the site's time zone. */
export function explainBinding(because: Binding, state: SiteState, given?: Given): string {
  switch (because.kind) {
    case 'bound':
      return BOUNDS[because.bound];
    case 'link':
      return `${minimumWords(given)}${linkWords(because, state)} ${shareWords(because, state, isLeast(given))}${untilWords(because, state)}${unseenWords(because, state)}`;
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

/** Each of L1, L2, L3; each of lines A, C of the transformer’s primary side; null where one alone is full. */
export function togetherWords(
  line: LinkBinding['line'],
  together: LinkBinding['together'],
  wiring: Wiring,
): string | null {
  if (together === undefined) return null;
  if (line !== undefined && line !== 'unbalance')
    return `each of lines ${together.map(lineWords).join(', ')} of the transformer’s ${line} side`;
  const names = together.map((phase) => phaseWords(wiring, phase)).join(', ');
  return wiring === 'delta' ? `each of legs ${names}` : `each of ${names}`;
}

/** Limits have one decimal. */
const SAME_A = 0.05;

const isLeast = (given: Given | undefined): given is Given =>
  given !== undefined && given.limitA > 0 && given.limitA < given.minA + SAME_A;

const minimumWords = (given: Given | undefined): string =>
  isLeast(given) ? `At its minimum of ${round(given.minA)} A: ` : '';

/** Less than this is nothing to speak of. */
const GAIN_A_MIN = 0.01;

/** Who shares it, and what more room would give: the worth of the limit to this car. */
function shareWords(binding: LinkBinding, state: SiteState, atLeast: boolean): string {
  const { gainA, line, phase, together, sharers } = binding;
  const power = line === undefined && phase === null;
  const unit = power ? 'kW' : 'A';
  const gain = (gainA ?? 0) * (power ? 1000 : 1);
  if (gainA !== null && gain < GAIN_A_MIN) return nothingOfIt(unit, sharers, state);
  const among = sharers === null || sharers < 2 ? '' : ` among ${sharers} cars`;
  // Of a station that is set in steps nobody looked; a car with the least of all wonders by what rule.
  if (gainA === null)
    return `is shared out in full${among}${atLeast ? ` (policy ${state.config.policy})` : ''}.`;
  const { wiring } = state.config;
  const where =
    power || phase === null
      ? nameOf(binding, state)
      : `${nameOf(binding, state)}, ${togetherWords(line, together, wiring) ?? placeWords(line, phase, wiring)},`;
  return `is shared out in full${among}. 1 ${unit} more on ${where} would give this car ${twoDigits(gain)} A.`;
}

/** The link is full, and what more there were on it would be somebody else's: this car is no sharer. */
function nothingOfIt(unit: 'A' | 'kW', sharers: number | null, { config }: SiteState): string {
  if (sharers === 0) return `is full, and so are other limits: 1 ${unit} more there would help no car.`;
  const others = sharers === null ? 'others' : sharers === 1 ? 'another car' : `${sharers} other cars`;
  const why = hasPriorities(config) ? 'by priority or policy' : REASONS[config.policy];
  return `is full, and 1 ${unit} more there would go to ${others} first: ${why} (policy ${config.policy}).`;
}

/** Why a policy lets others come first. */
const REASONS: Readonly<Record<Policy, string>> = {
  fair: 'who has less comes first',
  urgent: 'who can wait less comes first',
  throughput: 'there it is put to more use',
  balanced: 'who needs it more comes first',
};

const priorities = new WeakMap<SiteConfig, boolean>();
function hasPriorities(config: SiteConfig): boolean {
  const known = priorities.get(config);
  if (known !== undefined) return known;
  const all = new Set(
    config.stations.flatMap(({ connectors }) => connectors.map(({ priority }) => priority)),
  );
  priorities.set(config, all.size > 1);
  return all.size > 1;
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
