// Domain events as sentences. The main ones tell the story of the site; the others are its every step.

import type { EventData, EventType, SiteView } from '@ampledger/domain';
import type { EventEntry } from '../feed/wire.js';
import { fallbackWords, limitWords } from './envelope.js';
import { amperes, connectorName, energy, nameOfNode, shortMoment, sourceName } from './format.js';

export type Weight = 'main' | 'step';
export type Mark = 'plus' | 'minus' | 'cap' | 'alarm' | 'link' | 'dot';

export interface Told {
  readonly text: string;
  readonly weight: Weight;
  readonly mark: Mark;
}

type Teller<T extends EventType> = (data: EventData<T>, view: SiteView) => Told;
const main = (mark: Mark, text: string): Told => ({ mark, text, weight: 'main' });
const step = (text: string): Told => ({ mark: 'dot', text, weight: 'step' });

const at = (view: SiteView, station: string, evseId: number | null): string => {
  const connector = view.connectors.find(
    (candidate) => candidate.station === station && candidate.evseId === evseId,
  );
  return connector ? connectorName(view, connector) : station;
};
const atKey = (view: SiteView, key: string): string => {
  const connector = view.connectors.find((candidate) => candidate.key === key);
  return connector ? connectorName(view, connector) : key;
};
const capped = (data: EventData<'EnvelopeSet'>, view: SiteView): string => {
  const fallback = fallbackWords(data, view.wiring);
  return `${limitWords(data, view.wiring) ?? 'its rating'}${fallback === null ? '' : ` (${fallback})`}`;
};

const actor = (source: string): string => (source === 'operator' ? 'The operator' : sourceName(source));

const TELLERS: { readonly [T in EventType]: Teller<T> } = {
  SiteConfigured: (_, view) => main('dot', `${view.name ?? view.id} was configured.`),
  SiteRemoved: () => main('dot', 'The site was removed.'),
  EngineStarted: () => main('dot', 'The engine started and took the site over.'),
  OwnerClaimed: ({ role }) =>
    step(
      role === 'optimizer'
        ? 'Another process allocates from now on.'
        : 'Another process commands from now on.',
    ),

  EnvelopeSet: (data, view) =>
    main('cap', `${actor(data.source)} capped ${nameOfNode(view, data.node)} at ${capped(data, view)}.`),
  EnvelopeRemoved: (data, view) =>
    main('cap', `${actor(data.source)} removed the cap on ${nameOfNode(view, data.node)}.`),
  NodeLoadMeasured: (data, view) =>
    step(
      `Other load at ${nameOfNode(view, data.node)}: ${data.loadA.map((load) => amperes(load)).join(', ')}.`,
    ),

  StationConnected: ({ station, protocol }) =>
    main('link', `${station} connected (${protocol === 'ocpp1.6' ? 'OCPP 1.6' : 'OCPP 2.0.1'}).`),
  StationDisconnected: ({ station }) => main('link', `${station} lost its connection.`),
  StationBooted: ({ station, vendor, model }) => main('link', `${station} booted: ${vendor} ${model}.`),
  StationCapabilitiesRead: ({ station }) => step(`${station} told what it can do.`),
  StationVariablesReported: ({ station }) => step(`${station} reported its variables.`),
  StationEventNotified: ({ station }) => step(`${station} sent a notice.`),
  DataTransferReceived: ({ station }) => step(`${station} sent a message of its vendor.`),

  ConnectorStatusChanged: ({ station, evseId, status }, view) =>
    status === 'Faulted'
      ? main('alarm', `${at(view, station, evseId)} reports a fault.`)
      : step(`${at(view, station, evseId)} is ${status}.`),
  AuthorizationAnswered: ({ station, status }) =>
    status === 'Accepted'
      ? step(`${station}: card accepted.`)
      : main('dot', `${station}: card refused (${status}).`),
  SessionStarted: ({ station, evseId }, view) =>
    main('plus', `A session started at ${at(view, station, evseId)}.`),
  SessionUpdated: ({ station, evseId }, view) => step(`The session at ${at(view, station, evseId)} goes on.`),
  SessionEnded: ({ station, evseId, session }, view) => {
    const ended = view.recentSessions.find(({ id }) => id === session);
    return main(
      'minus',
      `The session at ${at(view, station, evseId)} ended${ended ? ` after ${energy(ended.energyWh)}` : ''}.`,
    );
  },
  MeterSampled: ({ station, evseId }, view) => step(`${at(view, station, evseId)} sent meter values.`),

  ChargingNeedsNotified: (data, view) => main('dot', needsSentence(data, view)),
  SignalSet: ({ signal, values }) =>
    step(`${SIGNALS[signal]} for ${values.length} period${values.length === 1 ? '' : 's'} arrived.`),
  SignalRemoved: ({ signal }) => step(`${SIGNALS[signal]} were taken back.`),
  BatteryLevelReported: ({ storedWh }) => step(`The battery holds ${energy(storedWh)}.`),
  PlanMade: ({ sessions }) =>
    step(`A plan was made for ${sessions.length} car${sessions.length === 1 ? '' : 's'}.`),

  LimitsAllocated: ({ allocations }) =>
    step(
      `The current was shared out anew among ${allocations.length} connector${allocations.length === 1 ? '' : 's'}.`,
    ),

  OperatorCallRequested: ({ station, action }) => main('dot', `An operator asked ${station} for ${action}.`),
  OperatorCallRefused: ({ station, reason }) =>
    main('alarm', `The call to ${station} was refused: ${reason}`),
  CallRequested: ({ action, grants, station }, view) => step(callSentence(action, grants, station, view)),
  CallAnswered: ({ station, outcome, status }) => {
    const refused = outcome === 'result' ? status === 'Rejected' || status === 'NotSupported' : true;
    const words = outcome === 'result' ? (status ?? 'done') : ANSWERS[outcome];
    return refused
      ? main('alarm', `${station} did not follow a call: ${words}.`)
      : step(`${station} answered: ${words}.`);
  },

  ConnectorDisobeyed: ({ connector, drawA, heldA }, view) =>
    main('alarm', `${atKey(view, connector)} draws ${amperes(drawA)} but may draw ${amperes(heldA)}.`),
  ConnectorObeyedAgain: ({ connector }, view) =>
    main('dot', `${atKey(view, connector)} follows its limit again.`),
};

const SIGNALS: Readonly<Record<EventData<'SignalSet'>['signal'], string>> = {
  'import-price': 'Prices',
  'export-price': 'Prices for feeding back',
  emissions: 'Emissions',
  pv: 'A forecast of the photovoltaics',
};

function needsSentence(
  { station, evseId, source, energyWh, departAt }: EventData<'ChargingNeedsNotified'>,
  view: SiteView,
): string {
  const who = source === 'driver' ? 'The driver' : source === 'iso15118' ? 'The car' : 'Somebody';
  const wants = energyWh === null ? '' : ` wants ${energy(energyWh)}`;
  const leaves = departAt === null ? '' : ` leaves at ${shortMoment(departAt, view.at, view.timeZone)}`;
  const said = [wants, leaves].filter((part) => part !== '').join(' and') || ' says what it can take';
  return `${who} at ${at(view, station, evseId)}${said}.`;
}

const ANSWERS: Readonly<Record<Exclude<EventData<'CallAnswered'>['outcome'], 'result'>, string>> = {
  error: 'it answered with an error',
  timeout: 'no answer in time',
  unsent: 'it could not be sent',
  lost: 'the connection ended first',
  invalid: 'its answer was not valid',
};

function callSentence(
  action: string,
  grants: EventData<'CallRequested'>['grants'],
  station: string,
  view: SiteView,
): string {
  const [grant] = grants;
  if (grant === undefined) return `${station} was sent ${action}.`;
  return `${atKey(view, grant.connector)} was offered ${amperes(grant.limitA)}${grant.kind === 'idle' ? ' for cars to come' : ''}.`;
}

/** An event of a type, or a shape, that this page does not know is still told: by its name. */
export function tell(event: EventEntry, view: SiteView): Told {
  const teller = TELLERS[event.type as EventType] as Teller<never> | undefined;
  try {
    const told = teller?.(event.data as never, view);
    if (told) return told;
  } catch {
    // Falls through to the name: data of a later version is not worth a broken page.
  }
  return step(`${event.type}.`);
}

/** The types whose events are main ones always: what to ask for when few events tell most. */
export const STORY_TYPES: readonly EventType[] = [
  'SiteConfigured',
  'EngineStarted',
  'EnvelopeSet',
  'EnvelopeRemoved',
  'StationConnected',
  'StationDisconnected',
  'StationBooted',
  'SessionStarted',
  'SessionEnded',
  'ChargingNeedsNotified',
  'OperatorCallRequested',
  'OperatorCallRefused',
  'ConnectorDisobeyed',
  'ConnectorObeyedAgain',
];
