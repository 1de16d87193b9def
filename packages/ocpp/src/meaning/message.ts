// What every interpretation works with: the call, the context, and the natural keys that make a
// repeated message an event that is already there.

import type { DomainEvent } from '@ampledger/domain';
import { err, ok, type Result } from '@ampledger/kernel';
import type {
  CallErrorBody,
  Interpreted,
  InterpretedEvent,
  OpenSession,
  StationContext,
  ValidCall,
} from '../contract.js';
import { parseInstant } from '../date-time.js';
import { callError } from '../schemas/violations.js';

/** Gives a call its meaning. The payload has passed the schema that `T` stands for, or its relaxed form. */
export type Handler<T = unknown> = (
  context: StationContext,
  call: ValidCall<T>,
) => Result<Interpreted, CallErrorBody>;

/** Before this no station of this engine existed: a clock that shows less has not been set (field lesson L21). */
export const CLOCK_SET_AFTER = Date.UTC(2020, 0, 1);

export const answer = (
  payload: object,
  events: readonly InterpretedEvent[] = [],
): Result<Interpreted, never> => ok({ answer: payload, events });

/**
 * Natural key of an event that only its message names. The message id alone will not do: some
 * stations repeat ids in every process (field lesson L23). Nor will the text where it carries no
 * time, or that of a clock that was never set: the second boot of a day reads like the first. Such a
 * message is one of its connection.
 */
function messageKey(
  context: StationContext,
  call: ValidCall,
  stationAt: number | undefined,
): readonly (string | number)[] {
  const timed = stationAt !== undefined && stationAt >= CLOCK_SET_AFTER;
  return timed ? [call.digest] : [call.digest, context.connection ?? context.receivedAt];
}

/** A domain event on its way to its key. */
export interface Timed {
  readonly event: DomainEvent;
  readonly stationAt: number | undefined;
}

/** Events that are known by their message, in order. */
export function messageEvents(
  context: StationContext,
  call: ValidCall,
  events: readonly Timed[],
): InterpretedEvent[] {
  if (events.length === 0) return [];
  const key = messageKey(context, call, events[0]?.stationAt);
  return events.map((timed, index) => stamped(timed, [...key, index]));
}

/** The event of a message that is one event, with the station's time as it wrote it. */
export const messageEvent = (
  context: StationContext,
  call: ValidCall,
  event: DomainEvent,
  timestamp?: string,
): InterpretedEvent[] => messageEvents(context, call, [{ event, stationAt: parseInstant(timestamp) }]);

/** An event with its natural key. */
export const stamped = (
  { event, stationAt }: Timed,
  idParts: readonly (string | number)[],
): InterpretedEvent => (stationAt === undefined ? { event, idParts } : { event, idParts, stationAt });

export const refuse = (description: string): Result<never, CallErrorBody> =>
  err(callError('PropertyConstraintViolation', description));

/** An EVSE of the site file; zero, the whole station, where the message may mean that. */
export const isKnownEvse = (
  context: StationContext,
  evseId: number,
  zero: 'zero-too' | 'not-zero',
): boolean => (evseId === 0 && zero === 'zero-too') || (evseId > 0 && context.evseIds.includes(evseId));

/** The running session of an EVSE; null when there is none, or more than one could be meant. */
export function sessionAt(context: StationContext, evseId: number): OpenSession | null {
  const found = context.openSessions.filter((session) => session.evseId === evseId);
  return found.length === 1 ? (found[0] ?? null) : null;
}

export const sessionOf = (context: StationContext, transaction: string): OpenSession | null =>
  context.openSessions.find((session) => session.transaction === transaction) ?? null;

const PSEUDONYM_LENGTH_MAX = 64;

/** The pseudonym of a token; null for the empty token of `NoAuthorization`. */
export const pseudonymOf = (context: StationContext, idToken: string | undefined): string | null =>
  idToken === undefined || idToken === '' ? null : context.pseudonym(idToken).slice(0, PSEUDONYM_LENGTH_MAX);
