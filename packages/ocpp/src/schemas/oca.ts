// The Open Charge Alliance's own JSON schemas, compiled when they are first needed. They come
// unedited from the `typed-ocpp` package; its entry point would compile three versions at import,
// so only its schema modules are loaded.

import type { Protocol } from '@ampledger/domain';
import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';
import * as schemas16 from 'typed-ocpp/dist/ocpp16/schemas.js';
import * as schemas201 from 'typed-ocpp/dist/ocpp20/schemas.js';
import { isDateTime } from '../date-time.js';

export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly type?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly string[];
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

const tableOf = (module: object): ReadonlyMap<string, JsonSchema> =>
  new Map(Object.entries(module) as [string, JsonSchema][]);

/** `<Action>Request` and `<Action>Response` → the schema as published. */
export const RAW_SCHEMAS: { readonly [P in Protocol]: ReadonlyMap<string, JsonSchema> } = {
  'ocpp1.6': tableOf(schemas16),
  'ocpp2.0.1': tableOf(schemas201),
};

const DEFINITION = '#/definitions/';
const NO_VALIDATION = new Set([
  'definitions',
  'description',
  'title',
  'default',
  '$id',
  '$schema',
  'javaType',
  'comment',
]);

function expandMap(map: Readonly<Record<string, JsonSchema>>, root: JsonSchema): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(map).map(([key, schema]) => [key, expand(schema, root)]));
}

/**
 * One self-contained schema: references are put in place, and an integer must be one that survives
 * JSON (at most 2^53 - 1), which JSON Schema leaves open.
 */
export function expand(schema: JsonSchema, root: JsonSchema = schema): JsonSchema {
  if (schema.$ref?.startsWith(DEFINITION)) {
    return expand(root.definitions?.[schema.$ref.slice(DEFINITION.length)] ?? {}, root);
  }
  const own = Object.fromEntries(Object.entries(schema).filter(([keyword]) => !NO_VALIDATION.has(keyword)));
  return {
    ...(schema.type === 'integer'
      ? { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
      : {}),
    ...own,
    ...(schema.properties === undefined ? {} : { properties: expandMap(schema.properties, root) }),
    ...(schema.items === undefined ? {} : { items: expand(schema.items, root) }),
  };
}

// multipleOf 0.1 in binary: 8.1 / 0.1 is 80.99999999999999 and must pass, 8.15 must not.
const MULTIPLE_OF_DIGITS = 6;
const ajv = new Ajv({ strict: false, validateSchema: false, multipleOfPrecision: MULTIPLE_OF_DIGITS });
ajvFormats.default(ajv, ['uri']);
ajv.addFormat('date-time', isDateTime);

const compiled: { readonly [P in Protocol]: Map<string, ValidateFunction> } = {
  'ocpp1.6': new Map(),
  'ocpp2.0.1': new Map(),
};

/** The validator for `<Action>Request` or `<Action>Response`; null when the version has no such message. */
export function ocaValidator(protocol: Protocol, name: string): ValidateFunction | null {
  const known = compiled[protocol].get(name);
  if (known !== undefined) return known;
  const schema = RAW_SCHEMAS[protocol].get(name);
  if (schema === undefined) return null;
  const validator = ajv.compile(expand(schema));
  compiled[protocol].set(name, validator);
  return validator;
}
