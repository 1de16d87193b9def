// Why a connector has the limit it has, as a sentence.

import { type ConnectorKey, type Phase, phaseName, unreachable } from '@ampledger/kernel';
import { RATING } from './capacity.js';
import type { Binding } from './event-types.js';
import { explainPlan } from './explain-plan.js';
import { topologyOf } from './links.js';
import { clockWords } from './local-time.js';
import { lineWords, phaseWords, type Wiring } from './phase-currents.js';
import type { NodeConfig, Policy, SiteConfig } from './site-config.js';
import type { SiteState } from './state.js';

/** What the connector was given, the least that is of use to its car, and the steps that it is set in; amperes. */
export interface Given {
  /** Without it nothing is said of what the plan has for it. */
  readonly connector?: ConnectorKey;
  readonly limitA: number;
  readonly minA: number;
  readonly stepA?: number;
}

/** Times of day are those of the site's time zone. */
export function explainBinding(because: Binding, state: SiteState, given?: Given): string {
  switch (because.kind) {
    case 'bound':
      if (because.bound === 'car') return carWords(given);
      return because.bound === 'plan' ? explainPlan(state, given) : BOUNDS[because.bound];
    case 'link':
      return `${minimumWords(given)}${linkWords(because, state)} ${shareWords(because, state, given)}${untilWords(because, state)}${unseenWords(because, state)}`;
    case 'waiting':
      return `Waits for its turn: ${linkWords(because, state)} leaves less than the minimum current.${untilWords(because, state)}${unseenWords(because, state)}`;
    default:
      return unreachable(because);
  }
}

const carWords = (given: Given | undefined): string =>
  `Has the most that its car takes, ${given === undefined ? '' : `${round(given.limitA)} A `}by what it said.`;

const BOUNDS: Record<Exclude<Extract<Binding, { kind: 'bound' }>['bound'], 'plan' | 'car'>, string> = {
  maximum: 'Has the most that the connector may give.',
  draw: 'The car takes less than it was offered; the rest goes to others.',
  'no-session': 'No car is charging here.',
  unavailable: 'The connector is out of service.',
  offline: 'The station is offline: it is counted at the most it may be holding.',
  'not-commissioned':
    'The station has not accepted its default profile yet: it is counted at its full rating.',
  disobeys: 'The station draws more than it accepted: it is counted at its full rating.',
  step: 'What is left for it is less than the least that the station can be set to.',
  delay: 'It begins a little later: the random delay that the site file asks for.',
  undecided: 'The optimizer has not come to it yet.',
};

type LinkBinding = Extract<Binding, { kind: 'link' | 'waiting' }>;

/** Lines, and differences between phases, are those of all that flows there: of a phase or power it is what is left. */
function linkWords(binding: LinkBinding, state: SiteState): string {
  const purpose = binding.line === undefined ? ' for charging' : reserveWords(binding, state);
  return `${nameOf(binding, state)}, ${amountWords(binding, state)}${purpose}${whoseWords(binding, state)},`;
}

const nodeOf = ({ node }: LinkBinding, { config }: SiteState): NodeConfig | undefined =>
  config.nodes.find(({ id }) => id === node);

const nameOf = (binding: LinkBinding, state: SiteState): string =>
  nodeOf(binding, state)?.name ?? binding.node;

const reserveWords = (binding: LinkBinding, state: SiteState): string =>
  binding.line !== 'unbalance' && (nodeOf(binding, state)?.reserveA ?? 0) > 0 ? ' beside the reserve' : '';

/** Envelopes on a delta are told of its lines, and become limits of the legs. */
function whoseWords({ envelope, phase }: LinkBinding, { config }: SiteState): string {
  if (envelope === RATING) return '';
  return ` (limit of ${envelope}${config.wiring === 'delta' && phase !== null ? ' on the lines' : ''})`;
}

function amountWords(binding: LinkBinding, state: SiteState): string {
  const { line, phase, capacity } = binding;
  if (line === 'unbalance') return `at most ${round(capacity)} A between its phases`;
  if (phase === null) return `${round(capacity / 1000)} kW`;
  return `${round(capacity)} A on ${placeWords(binding, phase, state)}`;
}

/** L2; leg BC; line B; line B of the transformer’s primary side. */
function placeWords(binding: LinkBinding, phase: Phase, state: SiteState): string {
  const { wiring } = state.config;
  if (binding.line === undefined)
    return wiring === 'delta' ? `leg ${phaseWords(wiring, phase)}` : phaseName(phase);
  return `line ${lineWords(phase)}${sideWords(binding.line, hasTransformer(nodeOf(binding, state)))}`;
}

/**
 * Whether lines of the node are to be told by side. The lines of a panel are limited like a secondary side; only of
 * a transformer anything else is known.
 */
const hasTransformer = (node: NodeConfig | undefined): boolean =>
  (node?.transformer?.primaryA ?? null) !== null;

/** Which lines these are, where there is a transformer that has others. */
export const sideWords = (line: NonNullable<LinkBinding['line']>, ofTransformer: boolean): string =>
  ofTransformer ? ` of the transformer’s ${line} side` : '';

/** Each of L1, L2, L3; each of lines A, C of the transformer’s primary side; null where one alone is full. */
export function togetherWords(
  { line, together }: Pick<LinkBinding, 'line' | 'together'>,
  wiring: Wiring,
  ofTransformer: boolean,
): string | null {
  if (together === undefined) return null;
  if (line !== undefined && line !== 'unbalance')
    return `each of lines ${together.map(lineWords).join(', ')}${sideWords(line, ofTransformer)}`;
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

/** OCPP limits have one decimal: every station is set in tenths. */
const STEP_A = 0.1;

/** Who shares it, and what more room would give: the worth of the limit to this car. */
function shareWords(binding: LinkBinding, state: SiteState, given: Given | undefined): string {
  const { gainA, line, phase, sharers } = binding;
  const power = line === undefined && phase === null;
  const gain = (gainA ?? 0) * (power ? 1000 : 1);
  if (gainA !== null && gain < GAIN_A_MIN) return nothingOfIt(binding, state);
  const among = line === 'unbalance' || sharers === null || sharers < 2 ? '' : ` among ${sharers} cars`;
  // Of a station that is set in steps nobody looked; a car with the least of all wonders by what rule.
  if (gainA === null)
    return `${fullWords(line)}${among}${isLeast(given) ? ` (policy ${state.config.policy})` : ''}.`;
  const more = moreWords(binding, state);
  const what =
    given?.stepA !== undefined && given.stepA > STEP_A
      ? `would add ${twoDigits(gain)} A to this car’s share; it is set in steps of ${twoDigits(given.stepA)} A`
      : `would give this car ${twoDigits(gain)} A`;
  return `${fullWords(line)}${among}. ${more} ${what}.`;
}

const fullWords = (line: LinkBinding['line']): string =>
  line === 'unbalance' ? 'is reached' : 'is shared out in full';

/** 1 A more on Feeder, L2, ...; 1 A more of difference between the phases of Feeder. */
function moreWords(binding: LinkBinding, state: SiteState): string {
  const { line, phase } = binding;
  const name = nameOf(binding, state);
  if (line === 'unbalance') return `1 A more of difference between the phases of ${name}`;
  if (phase === null) return `1 kW more on ${name}`;
  return `1 A more on ${name}, ${placesWords(binding, state) ?? placeWords(binding, phase, state)},`;
}

/** The link is full, and what more there were on it would be somebody else's: this car is no sharer. */
function nothingOfIt(binding: LinkBinding, state: SiteState): string {
  const { line, sharers } = binding;
  const { config } = state;
  const more = moreThere(binding, state);
  const full = line === 'unbalance' ? 'is reached' : 'is full';
  if (sharers === 0) return `${full}, and so are other limits: ${more} would help no car.`;
  const others = sharers === null ? 'others' : sharers === 1 ? 'another car' : `${sharers} other cars`;
  const why = hasPriorities(config) ? 'by priority or policy' : REASONS[config.policy];
  return `${full}, and ${more} would go to ${others} first: ${why} (policy ${config.policy}).`;
}

/** The same, of what was named just before. */
function moreThere(binding: LinkBinding, state: SiteState): string {
  const { line, phase } = binding;
  if (line === 'unbalance') return '1 A more of that difference';
  if (phase === null) return '1 kW more there';
  const places = placesWords(binding, state);
  return places === null ? '1 A more there' : `1 A more on ${places}`;
}

const placesWords = (binding: LinkBinding, state: SiteState): string | null =>
  togetherWords(binding, state.config.wiring, hasTransformer(nodeOf(binding, state)));

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
