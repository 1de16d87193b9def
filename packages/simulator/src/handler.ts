// Dispatch of the central system's calls: reads the payload, then acts. A payload that cannot be
// read is a CALLERROR, as is an action that the station does not know or does not support.

import type { Fault, Reply } from './dialect.js';
import { Malformed, type Reader } from './shape.js';

export type Handler = (payload: unknown) => Reply;

export const on =
  <T>(read: Reader<T>, act: (request: T) => Reply): Handler =>
  (payload) =>
    act(read(payload, '$'));

export interface Dispatch {
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Actions of the version that this station leaves out. */
  readonly unsupported: readonly string[];
  readonly malformedCode: string;
}

export function dispatch(
  { handlers, unsupported, malformedCode }: Dispatch,
  action: string,
  payload: unknown,
): Reply | Fault {
  const handler = Object.hasOwn(handlers, action) ? handlers[action] : undefined;
  if (handler === undefined) {
    const code = unsupported.includes(action) ? 'NotSupported' : 'NotImplemented';
    return { code, description: `${action.slice(0, 50)} is not available here` };
  }
  try {
    return handler(payload);
  } catch (error) {
    if (error instanceof Malformed) return { code: malformedCode, description: error.message.slice(0, 255) };
    throw error;
  }
}

export const status = (value: string, afterwards?: () => void): Reply =>
  afterwards === undefined ? { answer: { status: value } } : { answer: { status: value }, afterwards };
