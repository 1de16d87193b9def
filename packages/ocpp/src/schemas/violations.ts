// What is wrong with a payload, in one sentence, and the code that the station's version has for it.
// Nothing here throws or grows with the payload: building an error message for bad input has
// crashed servers before (CVE-2025-59399).

import type { Protocol } from '@ampledger/domain';
import type { ErrorObject } from 'ajv';
import type { CallErrorBody } from '../contract.js';

export type ViolationKind = 'format' | 'property' | 'occurrence' | 'type';

export interface Violation {
  readonly kind: ViolationKind;
  readonly path: string;
  readonly what: string;
}

// OCPP-J 1.6 section 4.2.3 spells two of them its own way; OCPP 2.0.1 part 4 section 4.3.
const CODES: { readonly [P in Protocol]: { readonly [K in ViolationKind]: string } } = {
  'ocpp1.6': {
    format: 'FormationViolation',
    property: 'PropertyConstraintViolation',
    occurrence: 'OccurenceConstraintViolation',
    type: 'TypeConstraintViolation',
  },
  'ocpp2.0.1': {
    format: 'FormatViolation',
    property: 'PropertyConstraintViolation',
    occurrence: 'OccurrenceConstraintViolation',
    type: 'TypeConstraintViolation',
  },
};

const STEP_LENGTH_MAX = 40;
const PATH_LENGTH_MAX = 160;
/** errorDescription is string[255] in both versions. */
const DESCRIPTION_LENGTH_MAX = 255;

/** A member's name is the peer's text: shortened, and without anything that moves a cursor. */
const safeStep = (step: string): string => step.slice(0, STEP_LENGTH_MAX).replace(/[^\x20-\x7e]/g, '?');
const pathOf = (steps: readonly string[]): string =>
  ['payload', ...steps.map((step) => safeStep(step))].join('/').slice(0, PATH_LENGTH_MAX);

/** A CALLERROR body that says no more than where and what. */
export function callError(code: string, description: string): CallErrorBody {
  return { code, description: description.slice(0, DESCRIPTION_LENGTH_MAX), details: {} };
}

export const violationError = (protocol: Protocol, violation: Violation): CallErrorBody =>
  callError(CODES[protocol][violation.kind], violationText(violation));

export const violationText = (violation: Violation): string =>
  `${violation.path}: ${violation.what}`.slice(0, DESCRIPTION_LENGTH_MAX);

const missing = (path: string): Violation => ({ kind: 'occurrence', path, what: 'is required' });

const OCCURRENCE_KEYWORDS = new Set(['minItems', 'maxItems', 'minProperties', 'maxProperties']);

function ajvKind(error: ErrorObject): ViolationKind {
  if (error.keyword === 'type') return error.instancePath === '' ? 'format' : 'type';
  if (error.keyword === 'required' || OCCURRENCE_KEYWORDS.has(error.keyword)) return 'occurrence';
  return error.keyword === 'additionalProperties' ? 'format' : 'property';
}

/** The first error of one of the OCA's schemas, which stop at the first. */
export function ajvViolation(error: ErrorObject | undefined): Violation {
  if (error === undefined) return { kind: 'format', path: 'payload', what: 'does not fit its schema' };
  const steps = error.instancePath.split('/').slice(1, 20);
  const kind = ajvKind(error);
  if (error.keyword === 'required') return missing(pathOf([...steps, String(error.params.missingProperty)]));
  if (error.keyword === 'additionalProperties') {
    return {
      kind,
      path: pathOf([...steps, String(error.params.additionalProperty)]),
      what: 'is not a known field',
    };
  }
  return { kind, path: pathOf(steps), what: error.message ?? 'does not fit its schema' };
}
