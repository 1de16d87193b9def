// The chain as an indented story: what, when, where in the log, and the raw frames.

import type { EventWire } from '@ampledger/api';
import type { Wiring } from '@ampledger/domain';
import { amperes, round, span } from '../output.js';
import { amountText, carLines, planLines, shareLines, transformerLines } from './car-story.js';
import type { Chain, Told } from './chain.js';
import { type SiteClock, siteClock, zoneName } from './site-clock.js';

const FRAME_CHARS_MAX = 600;

/** Times are the site's own; the first line names its zone. */
export function storyOf(chain: Chain): string {
  const { allocation, connector, site, at, timeZone } = chain;
  const clock = siteClock(timeZone);
  const head = `${connector} (site ${site}) at ${clock(at)} (${zoneName(timeZone)}): may hold ${round(chain.offerA)} A, draws ${drawText(chain)}`;
  if (allocation === null) return `${head}\n  Nothing was allocated to it yet.\n`;
  const lines = [
    head,
    `  Given ${round(allocation.limitA)} A per ${chain.wiring === 'delta' ? 'line' : 'phase'}${place(allocation.event, clock)}`,
    `    ${allocation.reason}`,
    ...bindingLines(chain.binding, chain.wiring, clock),
    ...planLines(chain.plan, clock),
    ...sessionLines(chain.session, clock),
    ...carLines(chain, clock),
    ...meterLines(chain.meter, clock),
    ...callLines(chain.call, allocation, clock),
  ];
  return `${lines.join('\n')}\n`;
}

/** Behind a delta a limit is of lines, and so is what its meter says: what is on the legs stands beside it. */
function drawText({ drawA, ownDrawA, wiring, phases }: Chain): string {
  if (drawA === null || ownDrawA === null) return 'an unknown current';
  if (wiring === 'wye' || phases.length === 1) return `${amperes(drawA)} A`;
  return `${round(ownDrawA)} A per line (${amperes(drawA)} A on legs AB/BC/CA)`;
}

const place = ({ receivedAt, position, id }: EventWire, clock: SiteClock): string =>
  `  [${clock(receivedAt)}, position ${position}, ${id}]`;

function bindingLines(binding: Chain['binding'], wiring: Wiring, clock: SiteClock): readonly string[] {
  if (binding === null) return [];
  const { node, by, event } = binding;
  const amount = amountText(binding, wiring);
  const whose = by === 'rating' ? 'its rating in the site file' : `the envelope of "${by}"`;
  const from = event === null ? '  [not in the log]' : place(event, clock);
  const what = event?.type === 'EnvelopeSet' ? [`      ${envelopeText(event, clock)}`] : [];
  return [
    `    The limit: ${node}, ${amount}, by ${whose}${from}`,
    ...what,
    ...shareLines(binding, { clock, wiring }),
    ...transformerLines(binding),
  ];
}

function envelopeText({ data }: EventWire, clock: SiteClock): string {
  const limitA = data.limitA as readonly number[] | null;
  const limitW = data.limitW as number | null;
  const limits = [
    ...(limitA === null ? [] : [`${amperes(limitA)} A`]),
    ...(limitW === null ? [] : [`${round(limitW / 1000)} kW`]),
  ];
  const from = typeof data.from === 'number' ? ` from ${clock(data.from)}` : '';
  const to = typeof data.to === 'number' ? ` until ${clock(data.to)}` : '';
  return `${limits.join(', ')}${from}${to}`;
}

function sessionLines(session: Chain['session'], clock: SiteClock): readonly string[] {
  if (session === null) return ['    No session runs.'];
  if (session.started === null) return [`    Session ${session.id}: its start was never heard of.`];
  return [
    `    Session ${session.id} began${place(session.started.event, clock)}`,
    ...frameLines(session.started.frame),
  ];
}

function meterLines(meter: Told | null, clock: SiteClock): readonly string[] {
  if (meter === null) return ['    Its meter has said nothing yet.'];
  const { currentA, powerW, energyWh } = meter.event.data;
  const said = [
    ...(Array.isArray(currentA)
      ? [`${currentA.map((value) => (value === null ? '-' : round(value))).join('/')} A`]
      : []),
    ...(typeof powerW === 'number' ? [`${round(powerW / 1000)} kW`] : []),
    ...(typeof energyWh === 'number' ? [`register ${round(energyWh / 1000)} kWh`] : []),
  ];
  return [`    Its meter said ${said.join(', ')}${place(meter.event, clock)}`, ...frameLines(meter.frame)];
}

function callLines(
  call: Chain['call'],
  allocation: NonNullable<Chain['allocation']>,
  clock: SiteClock,
): readonly string[] {
  if (call === null) return ['    No limit was sent to it yet.'];
  const { grant, event, answer } = call;
  const isEarlier = event.position < allocation.event.position;
  const earlier =
    grant.limitA === allocation.limitA
      ? 'It holds that limit already'
      : 'The new limit is not sent yet; it holds';
  const end =
    grant.leaseEndsAt === null
      ? 'without end'
      : `until ${clock(grant.leaseEndsAt)}, then ${round(grant.tailA)} A`;
  const lines = [
    ...(isEarlier ? [`    ${earlier}, by a call before this allocation:`] : []),
    `    ${String(event.data.action)} to the station: ${round(grant.limitA)} A ${end} (${grant.kind})${place(event, clock)}`,
    `      ${clip(JSON.stringify(event.data.payload))}`,
  ];
  if (answer === null) return [...lines, '      No answer yet.'];
  const took = span(Date.parse(answer.receivedAt) - Date.parse(event.receivedAt));
  const status = answer.data.status === null ? '' : ` ${String(answer.data.status)}`;
  return [
    ...lines,
    `      Answer: ${String(answer.data.outcome)}${status} after ${took}${place(answer, clock)}`,
    ...frameLines(answer.frame).map((line) => `  ${line}`),
  ];
}

const frameLines = (frame: string | null): readonly string[] =>
  frame === null ? [] : [`      ${clip(frame)}`];

const clip = (text: string): string =>
  text.length > FRAME_CHARS_MAX ? `${text.slice(0, FRAME_CHARS_MAX)}…` : text;
