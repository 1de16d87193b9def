// The meaning of a station's call: the answer it is owed and the domain events it stands for.
// Pure: everything that it may depend on is in the context.

import { err } from '@ampledger/kernel';
import type { InterpretCall, ValidCall } from '../contract.js';
import { callError } from '../schemas/violations.js';
import { HANDLERS_16 } from './ocpp16.js';
import { HANDLERS_201 } from './ocpp201.js';

const HANDLERS = { 'ocpp1.6': HANDLERS_16, 'ocpp2.0.1': HANDLERS_201 } as const;

/** See InterpretCall. The payload has passed `validateCall`. */
export const interpretCall: InterpretCall = (context, call) => {
  const handler = HANDLERS[context.protocol].get(call.action);
  if (handler === undefined) return err(callError('NotSupported', 'this action is not served'));
  // The schema that the payload passed is the one that the handler's type is inferred from.
  return handler(context, call as ValidCall<never>);
};

/** The actions that have a meaning, by version. */
export const interpretedActions = (protocol: keyof typeof HANDLERS): readonly string[] => [
  ...HANDLERS[protocol].keys(),
];
