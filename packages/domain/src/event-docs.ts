// What each event says, in one line, and where it is kept: the words of docs/events.md.

import type { EventType } from './event-types.js';

/** See `streamFor`: an event of a session is in the session's stream, whatever its type. */
export type StreamKind = 'session' | 'meter' | 'station' | 'site';

export interface EventDoc {
  readonly group: 'Site' | 'Station' | 'Charging' | 'Decisions' | 'Calls' | 'Alarms';
  readonly says: string;
  readonly stream: StreamKind;
}

export const STREAMS: Readonly<Record<StreamKind, string>> = {
  session: "`session-<session>`, the session's own",
  meter: '`session-<session>` within a session; `meter-<station>-<day>` outside',
  station: '`station-<station>-<day>`',
  site: '`site-<site>-<day>`',
};

export const EVENT_DOCS: { readonly [T in EventType]: EventDoc } = {
  SiteConfigured: {
    group: 'Site',
    stream: 'site',
    says: 'A site file was taken into use, for the first time or again. It holds the whole configuration.',
  },
  SiteRemoved: { group: 'Site', stream: 'site', says: 'The site is no longer controlled.' },
  EngineStarted: {
    group: 'Site',
    stream: 'site',
    says: 'An engine took the site over. Connections that stood before it are gone.',
  },
  OwnerClaimed: {
    group: 'Site',
    stream: 'site',
    says: 'One of several processes took a role for the site over, with an epoch of its own. From here on decisions of that role with a lower epoch are ignored.',
  },
  EnvelopeSet: {
    group: 'Site',
    stream: 'site',
    says: 'A source set or renewed a capacity limit on a node, for a span of time. It replaces what the source said of that node before.',
  },
  EnvelopeRemoved: {
    group: 'Site',
    stream: 'site',
    says: 'A source took its capacity limit on a node back.',
  },
  NodeLoadMeasured: {
    group: 'Site',
    stream: 'site',
    says: 'A meter reported the unmanaged load of a node, in amperes on L1, L2 and L3.',
  },

  StationConnected: {
    group: 'Station',
    stream: 'station',
    says: 'A station opened its WebSocket, and this OCPP version was agreed on.',
  },
  StationDisconnected: { group: 'Station', stream: 'station', says: "A station's WebSocket ended." },
  StationBooted: { group: 'Station', stream: 'station', says: 'A station sent BootNotification.' },
  StationCapabilitiesRead: {
    group: 'Station',
    stream: 'station',
    says: 'What a station says it can do, read on first contact and after each boot.',
  },
  StationVariablesReported: {
    group: 'Station',
    stream: 'station',
    says: 'A station reported variables of its device model (OCPP 2.0.1 NotifyReport).',
  },
  StationEventNotified: {
    group: 'Station',
    stream: 'station',
    says: 'A station sent NotifyEvent (OCPP 2.0.1).',
  },
  DataTransferReceived: { group: 'Station', stream: 'station', says: 'A station sent DataTransfer.' },

  ConnectorStatusChanged: {
    group: 'Charging',
    stream: 'station',
    says: 'A station reported the state of a connector, or of itself (`evseId` 0).',
  },
  AuthorizationAnswered: {
    group: 'Charging',
    stream: 'station',
    says: 'A station asked whether a token may charge, and was answered. The token is kept as a keyed pseudonym.',
  },
  SessionStarted: { group: 'Charging', stream: 'session', says: 'A transaction began at a connector.' },
  SessionUpdated: {
    group: 'Charging',
    stream: 'session',
    says: 'A running transaction told its state, or its EVSE (OCPP 2.0.1 TransactionEvent).',
  },
  SessionEnded: { group: 'Charging', stream: 'session', says: 'A transaction ended.' },
  MeterSampled: {
    group: 'Charging',
    stream: 'meter',
    says: "A connector's meter was read. Currents are in the station's own phase order.",
  },

  ChargingNeedsNotified: {
    group: 'Charging',
    stream: 'session',
    says: 'What a car wants: energy, a departure, the currents that it can take. Said by the driver, by the car, or through the API.',
  },

  SignalSet: {
    group: 'Site',
    stream: 'site',
    says: 'Prices, emissions or photovoltaics to come were announced for the site.',
  },
  SignalRemoved: {
    group: 'Site',
    stream: 'site',
    says: 'What a source had announced of a signal was taken back.',
  },
  BatteryLevelReported: {
    group: 'Site',
    stream: 'site',
    says: "The site's battery told, through the API, what it holds.",
  },
  PlanMade: {
    group: 'Decisions',
    stream: 'site',
    says: "How the site's power is to be shared over the periods to come. Limits follow the plan where they can.",
  },
  LimitsAllocated: {
    group: 'Decisions',
    stream: 'site',
    says: 'The optimizer solved the site: a limit for every connector, each with the constraint that binds it.',
  },

  OperatorCallRequested: {
    group: 'Calls',
    stream: 'station',
    says: 'Someone asked, through the API, for an OCPP call to a station.',
  },
  OperatorCallRefused: { group: 'Calls', stream: 'station', says: 'The call was not sent, for this reason.' },
  CallRequested: {
    group: 'Calls',
    stream: 'station',
    says: "A call is to be put on the station's socket. The limits in it count from here on.",
  },
  CallAnswered: {
    group: 'Calls',
    stream: 'station',
    says: 'How a call ended: with an answer, an error, or none.',
  },

  ConnectorDisobeyed: {
    group: 'Alarms',
    stream: 'station',
    says: 'A connector drew more than it may hold, for longer than it may take to obey. It now counts with what it draws.',
  },
  ConnectorObeyedAgain: {
    group: 'Alarms',
    stream: 'station',
    says: 'The connector draws no more than it may hold again.',
  },
};
