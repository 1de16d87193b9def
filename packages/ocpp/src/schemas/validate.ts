// Payloads against the OCA's schemas, which stop at the first fault, so that a frame full of faults
// costs little to refuse. What comes is read leniently; what we send is held to the letter.

import type { Protocol } from '@ampledger/domain';
import { err, ok, type Result } from '@ampledger/kernel';
import type { CallErrorBody } from '../contract.js';
import { isEngineAction, isStandardAction, isStationAction, stationActions } from './actions.js';
import { ocaValidator } from './oca.js';
import { relax } from './relax.js';
import { ajvViolation, callError, type Violation, violationError, violationText } from './violations.js';

function ocaViolation(protocol: Protocol, name: string, payload: unknown): Violation | null {
  const validator = ocaValidator(protocol, name);
  if (validator === null) return { kind: 'format', path: 'payload', what: `has no schema ${name}` };
  return validator(payload) ? null : ajvViolation(validator.errors?.[0]);
}

const requestViolation = (protocol: Protocol, action: string, payload: unknown): Violation | null =>
  ocaViolation(protocol, `${action}Request`, payload);

function unknownAction(protocol: Protocol, action: string): CallErrorBody {
  // OCPP-J 1.6 section 4.2.3: NotImplemented is an action nobody knows, NotSupported one that the
  // receiver knows and does not serve.
  const code = isStandardAction(action) ? 'NotSupported' : 'NotImplemented';
  const name = action.slice(0, 50).replace(/[^\x20-\x7e]/g, '?');
  return callError(code, `${name} is not served to an ${protocol} station`);
}

/** A station's request. The value is the payload itself, unchanged. */
export function validateCall(
  protocol: Protocol,
  action: string,
  payload: unknown,
): Result<unknown, CallErrorBody> {
  if (!isStationAction(protocol, action)) return err(unknownAction(protocol, action));
  const violation = requestViolation(protocol, action, payload);
  if (violation === null) return ok(payload);
  const isForgiven =
    mayBeForgiven(violation) && requestViolation(protocol, action, relax(protocol, payload)) === null;
  return isForgiven ? ok(payload) : err(violationError(protocol, violation));
}

/** A field that is missing or unknown stays so in the relaxed copy, which is not made then. */
const mayBeForgiven = ({ kind }: Violation): boolean => kind === 'property' || kind === 'type';

/** A request of ours, or of an operator, to a station: strict. */
export function validateOutgoing(
  protocol: Protocol,
  action: string,
  payload: unknown,
): Result<unknown, CallErrorBody> {
  if (!isEngineAction(protocol, action)) {
    const code = isStandardAction(action) ? 'NotSupported' : 'NotImplemented';
    return err(callError(code, `an ${protocol} station is never asked for this action`));
  }
  const violation = requestViolation(protocol, action, payload);
  return violation === null ? ok(payload) : err(violationError(protocol, violation));
}

/** The payload of a CALLRESULT, whoever sends it; the error is a sentence. */
export function validateResult(
  protocol: Protocol,
  action: string,
  payload: unknown,
): Result<unknown, string> {
  const violation = ocaViolation(protocol, `${action}Response`, payload);
  return violation === null ? ok(payload) : err(violationText(violation));
}

/** What we send and hear while a site runs; everything else compiles when it is first used. */
const WARM: { readonly [P in Protocol]: readonly string[] } = {
  'ocpp1.6': ['SetChargingProfile', 'GetConfiguration', 'ChangeConfiguration'],
  'ocpp2.0.1': ['SetChargingProfile', 'GetVariables', 'SetVariables'],
};

/** Compiles the schemas that a running site needs, so that the first station does not wait for them. */
export function warmSchemas(): void {
  for (const protocol of ['ocpp1.6', 'ocpp2.0.1'] as const) {
    for (const action of stationActions(protocol)) requestViolation(protocol, action, {});
    for (const action of WARM[protocol]) {
      ocaValidator(protocol, `${action}Request`);
      ocaValidator(protocol, `${action}Response`);
    }
  }
}
