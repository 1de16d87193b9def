// From a station's CALL to its reply: remembered, validated, understood, and turned into the events
// that have to be durable before it is answered. Bad input becomes a CALLERROR, never an exception.

import { eventFor, type Protocol, topologyOf } from '@ampledger/domain';
import { connectorKey, type StationId } from '@ampledger/kernel';
import {
  type CallErrorBody,
  type DcEvse,
  formatError,
  formatResult,
  type Interpreted,
  interpretCall,
  redactFrameText,
  type StationContext,
  validateCall,
  wattsAtCar,
} from '@ampledger/ocpp';
import type { NewEvent } from '@ampledger/ports';
import type { HeardCall } from './answer-memory.js';
import type { Audit } from './audit.js';
import type { Logger, StationDirectory, StationPlace } from './contract.js';
import type { Desk } from './desk.js';
import type { CallFrame, ReceivedCall, Reply } from './inbox.js';

export interface InterpretationDeps {
  readonly desk: Desk;
  readonly station: StationId;
  readonly protocol: Protocol;
  readonly connection: string;
  readonly directory: StationDirectory;
  readonly pseudonym: (idToken: string) => string;
  readonly textDigest: (text: string) => string;
  readonly heartbeatIntervalS: number;
  readonly log: Logger;
  readonly audit: Audit;
  /** The station is in no site any more. */
  readonly onHomeless: () => void;
}

export class Interpretation {
  readonly #deps: InterpretationDeps;
  readonly #contextAt: (receivedAt: number, place: StationPlace) => StationContext;

  constructor(deps: InterpretationDeps) {
    this.#deps = deps;
    this.#contextAt = contextOf(deps);
  }

  /** undefined: there is nobody to answer. */
  reply(received: ReceivedCall): Reply | undefined {
    try {
      return this.#read(received);
    } catch (error) {
      const { log, station } = this.#deps;
      const action = received.frame.action.slice(0, 64);
      log.error({ err: error, station, action }, 'a message could not be handled');
      return errorReply(received.frame, { code: 'InternalError', description: '', details: {} }, 'other');
    }
  }

  #read(received: ReceivedCall): Reply | undefined {
    const { desk, station, protocol, connection, directory, textDigest } = this.#deps;
    const place = directory.find(station);
    if (place === undefined) {
      this.#deps.onHomeless();
      return undefined;
    }
    const { frame, text } = received;
    const heard = { id: frame.id, digest: textDigest(text), action: frame.action, connection };
    const memory = desk.answers.recall(heard);
    if (memory.kind === 'again') {
      return { text: memory.answer, events: [], action: 'other', outcome: 'repeated' };
    }
    if (memory.kind === 'conflict') return this.#usedId(frame);
    const valid = validateCall(protocol, frame.action, frame.payload);
    if (!valid.ok) return errorReply(frame, valid.error, 'other');
    return this.#refusedByBoot(received) ?? this.#understood(received, heard, place);
  }

  #understood(received: ReceivedCall, heard: HeardCall, place: StationPlace): Reply {
    const { desk } = this.#deps;
    const { frame } = received;
    const meaning = interpretCall(this.#contextAt(received.receivedAt, place), {
      id: frame.id,
      action: frame.action,
      payload: frame.payload,
      digest: heard.digest,
    });
    if (!meaning.ok) return errorReply(frame, meaning.error, frame.action);
    const text = formatResult(frame.id, meaning.value.answer);
    return {
      text,
      events: this.#eventsOf(received, meaning.value, place),
      action: frame.action,
      outcome: 'result',
      keep() {
        desk.answers.keep(heard, text);
        for (const { event } of meaning.value.events) desk.sessions.note(event);
      },
    };
  }

  #eventsOf(received: ReceivedCall, meaning: Interpreted, place: StationPlace): readonly NewEvent[] {
    const { frame, receivedAt, text } = received;
    const trace = received.span?.traceparent;
    const events: NewEvent[] = [];
    for (const { event, idParts, stationAt } of meaning.events) {
      const causationId = events[0]?.id;
      const kept = causationId === undefined ? redactFrameText(text, frame, this.#deps.pseudonym) : undefined;
      events.push(
        eventFor({
          event,
          site: place.site,
          receivedAt,
          idParts,
          stationAt,
          causationId,
          frame: kept,
          trace,
        }),
      );
    }
    return events;
  }

  #usedId(frame: CallFrame): Reply {
    const { audit, protocol, station } = this.#deps;
    audit({
      kind: 'AttemptedReplay',
      station,
      detail: `message id ${frame.id} was used for another message`,
    });
    const code = protocol === 'ocpp1.6' ? 'GenericError' : 'RpcFrameworkError';
    const description = 'This message id was used for another message';
    return errorReply(frame, { code, description, details: {} }, 'other');
  }

  /** B02.FR.02, B03.FR.07: after a refused boot nothing but a new boot is heard. */
  #refusedByBoot({ frame, receivedAt }: ReceivedCall): Reply | undefined {
    const { audit, desk, protocol, station } = this.#deps;
    if (frame.action !== 'BootNotification') {
      if (!desk.boots.isRefused) return undefined;
      const code = protocol === 'ocpp1.6' ? 'GenericError' : 'SecurityError';
      return errorReply(frame, { code, description: 'The boot was not accepted', details: {} }, frame.action);
    }
    const interval = desk.boots.waitS();
    if (interval === 0) return undefined;
    audit({ kind: 'BootFlood', station, detail: `told to wait ${interval} s` });
    const answer = { currentTime: new Date(receivedAt).toISOString(), interval, status: 'Rejected' };
    return { text: formatResult(frame.id, answer), events: [], action: frame.action, outcome: 'refused' };
  }
}

const errorReply = (frame: CallFrame, error: CallErrorBody, action: string): Reply => ({
  text: formatError(frame.id, error),
  events: [],
  action,
  outcome: 'error',
});

/** The context of a message, without working out again what follows from the site file. */
function contextOf(deps: InterpretationDeps): (receivedAt: number, place: StationPlace) => StationContext {
  let known:
    | { readonly place: StationPlace; readonly evseIds: readonly number[]; readonly dc: readonly DcEvse[] }
    | undefined;
  return (receivedAt, place) => {
    if (known?.place.config !== place.config || known.place.siteConfig !== place.siteConfig) {
      known = { place, evseIds: place.config.connectors.map(({ evseId }) => evseId), dc: dcEvses(place) };
    }
    const { evseIds, dc } = known;
    return {
      station: deps.station,
      protocol: deps.protocol,
      connection: deps.connection,
      receivedAt,
      evseIds,
      dc,
      openSessions: deps.desk.sessions.over(place.openSessions),
      pseudonym: deps.pseudonym,
      heartbeatIntervalS: deps.heartbeatIntervalS,
    };
  };
}

function dcEvses({ config: station, siteConfig }: StationPlace): readonly DcEvse[] {
  if (siteConfig === undefined) return [];
  return station.connectors.flatMap(({ evseId, current }) => {
    const placed = topologyOf(siteConfig).byKey.get(connectorKey(station.id, evseId));
    return current === 'dc' && placed !== undefined
      ? [{ evseId, wattsPerA: wattsAtCar(siteConfig, placed, 3) }]
      : [];
  });
}
