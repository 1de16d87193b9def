// What the clients' errors mean to a caller of the port.

import { PortError } from '@ampledger/ports';

/** gRPC status codes (grpc/grpc, doc/statuscodes.md). */
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

/** Answers of a server that is there and well, by the clients' names for them. */
const ANSWERS = new Set([
  'wrong-expected-version',
  'maximum-append-size-exceeded',
  'access-denied',
  'stream-deleted',
  'stream-not-found',
  'deadline-exceeded',
]);

function memberOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}

const typeOf = (error: unknown): string => String(memberOf(error, 'type') ?? '');

export const isMissingStream = (error: unknown): boolean => typeOf(error) === 'stream-not-found';

/** Whether the connection, not only the call, may be broken. */
export const isBroken = (error: unknown): boolean =>
  !(error instanceof PortError && error.code !== 'UNAVAILABLE') && !ANSWERS.has(typeOf(error));

/** The stream's revision as a refused append tells it, -1 for no stream; undefined for other errors. */
export function actualRevisionOf(error: unknown): number | undefined {
  if (typeOf(error) !== 'wrong-expected-version') return undefined;
  // 6.2.1 and 1.3.1 call it by different names.
  const actual = memberOf(error, 'actualVersion') ?? memberOf(error, 'actualState');
  return typeof actual === 'bigint' ? Number(actual) : -1;
}

export function portErrorOf(doing: string, error: unknown): PortError {
  if (error instanceof PortError) return error;
  const text = `${doing}: ${error instanceof Error ? error.message : String(error)}`;
  const code = memberOf(error, 'code');
  const type = typeOf(error);
  if (type === 'access-denied' || code === UNAUTHENTICATED || code === PERMISSION_DENIED) {
    return new PortError('INVALID', `The event store refuses the credentials (${text})`, error);
  }
  if (type === 'maximum-append-size-exceeded') {
    return new PortError('INVALID', `The event store takes no append of this size (${text})`, error);
  }
  if (type === 'stream-deleted') {
    return new PortError('INVALID', `The stream was deleted in the event store (${text})`, error);
  }
  return new PortError('UNAVAILABLE', `The event store did not answer (${text})`, error);
}
