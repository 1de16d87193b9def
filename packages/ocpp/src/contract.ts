// What this package offers to the services: frames and schemas on one side, meaning on the other.
// Everything here is pure; the socket lives in services/ingress, the decisions in services/command.

import type { DomainEvent, Grant, Protocol } from '@ampledger/domain';
import type { PerPhase, Result, SessionId, StationId } from '@ampledger/kernel';

/** An OCPP-J message (OCPP-J 1.6 section 4, OCPP 2.0.1 part 4 section 4). */
export type Frame =
  | { readonly kind: 'call'; readonly id: string; readonly action: string; readonly payload: unknown }
  | { readonly kind: 'result'; readonly id: string; readonly payload: unknown }
  | {
      readonly kind: 'error';
      readonly id: string;
      readonly code: string;
      readonly description: string;
      readonly details: unknown;
    };

/** Why a text is no frame. `id` is present when the text carried a usable message id. */
export interface FrameFault {
  readonly reason:
    | 'too-deep'
    | 'not-json'
    | 'not-an-array'
    | 'forbidden-key'
    | 'bad-shape'
    | 'bad-message-id'
    | 'unknown-message-type';
  readonly id?: string;
}

/** The body of a CALLERROR, its code spelled as the station's version spells it. */
export interface CallErrorBody {
  readonly code: string;
  readonly description: string;
  readonly details: Record<string, unknown>;
}

/** A running transaction as ingress knows it, from the fold. */
export interface OpenSession {
  readonly session: SessionId;
  readonly transaction: string;
  readonly evseId: number;
  readonly idToken: string | null;
}

/** An EVSE whose limits are the grid's side of its power. */
export interface DcEvse {
  readonly evseId: number;
  /** Watts at the car for one ampere on each of the grid's phases. */
  readonly wattsPerA: number;
}

/** All that the meaning of a message may depend on, given as data. */
export interface StationContext {
  readonly station: StationId;
  readonly protocol: Protocol;
  readonly receivedAt: number;
  /**
   * The connection that the message came on. Some stations count their message ids from 1 after every
   * boot, so a message that bears no time of its own is told from yesterday's by its connection;
   * without one, by `receivedAt`.
   */
  readonly connection?: string;
  /** EVSE ids in the site file. */
  readonly evseIds: readonly number[];
  readonly openSessions: readonly OpenSession[];
  /** The DC EVSEs among them; absent where that is not known: what cars say of DC is then left out. */
  readonly dc?: readonly DcEvse[];
  /** Keyed pseudonym of an id token: the token itself never leaves ingress. */
  readonly pseudonym: (idToken: string) => string;
  readonly heartbeatIntervalS: number;
}

/** A domain event with the natural key that its deterministic id is made of. */
export interface InterpretedEvent {
  readonly event: DomainEvent;
  /** Without the station, which is always part of the id. */
  readonly idParts: readonly (string | number)[];
  /** The station's timestamp, epoch milliseconds, when it gave a readable one. */
  readonly stationAt?: number;
}

export interface Interpreted {
  /** CALLRESULT payload; sent once the events are durable. */
  readonly answer: object;
  readonly events: readonly InterpretedEvent[];
}

/** A station's CALL whose payload has passed its schema. */
export interface ValidCall<T = unknown> {
  readonly action: string;
  readonly payload: T;
  readonly id: string;
  /** Of the frame's text, and not to be undone: it becomes part of event ids, and the text may hold tokens. */
  readonly digest: string;
}

/** `interpretCall`: the meaning of a station's CALL. */
export type InterpretCall = (context: StationContext, call: ValidCall) => Result<Interpreted, CallErrorBody>;

/** A limit in the domain's terms, to be put into a station's own words. */
export interface LimitCall {
  readonly protocol: Protocol;
  readonly evseId: number;
  readonly grant: Grant;
  /** The station's transaction id, for a session grant. */
  readonly transaction: string | null;
  readonly rateUnit: 'A' | 'W';
  /** Phases that the limit is for; null for DC, whose periods name none (K01.FR.44, K01.FR.45). */
  readonly phases: 1 | 2 | 3 | null;
  /** Watts at the car for one ampere of the limit: volts times phases for AC, less the losses for DC. */
  readonly wattsPerA: number;
  readonly stackLevel: number;
  /** Epoch milliseconds; schedules start a minute before it, against clock skew (field lesson L8). */
  readonly now: number;
}

/** A call ready for the socket. */
export interface EncodedCall {
  readonly action: string;
  readonly payload: Record<string, unknown>;
  /** The grant as sent, after rounding down: limits may be lower than asked, never higher. */
  readonly grant: Grant;
}

/** What a station's answer to our reading calls tells of it. */
export interface Capabilities {
  readonly rateUnits: readonly ('A' | 'W')[];
  readonly maxStackLevel: number | null;
  readonly maxPeriods: number | null;
  readonly maxProfiles: number | null;
  readonly phaseSwitching: boolean | null;
  readonly connectorCount: number | null;
  readonly raw: Readonly<Record<string, string>>;
}

export interface ReadingCall {
  readonly action: string;
  readonly payload: Record<string, unknown>;
}

/**
 * How a charging profile that an operator sends by hand counts in the ledger: the most that the
 * station may hold by it, over all its periods, per phase; null when it can only lower limits
 * (a ChargePointMaxProfile, say) or is no profile at all.
 */
export interface ManualProfile {
  readonly evseId: number;
  readonly kind: Grant['kind'];
  readonly worstCaseA: number;
  readonly profileId: number;
  readonly transaction: string | null;
  /** A profile of the same purpose and stack level is replaced by it. */
  readonly stackLevel: number;
  /**
   * False when it begins late or ends (a duration, validTo, a recurring schedule): outside its time
   * whatever lies below it rules, and where it replaced a default profile there may be nothing.
   */
  readonly endless: boolean;
}

export type { PerPhase };
