// Messages from a JSON schema, for tests: valid ones by construction, and the same ones with
// something wrong.

import fc from 'fast-check';
import { formatInstant } from '../date-time.js';
import { expand, type JsonSchema } from './oca.js';

const INSTANT = fc.integer({ min: 0, max: 4e12 }).map(formatInstant);

function textArbitrary(schema: JsonSchema): fc.Arbitrary<string> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.format === 'date-time') return INSTANT;
  if (schema.format === 'uri') return fc.webUrl();
  const maxLength = Number(schema.maxLength ?? 60);
  const exact = fc.string({ minLength: maxLength, maxLength, unit: fc.constantFrom('a', 'é', '🔌') });
  return fc.oneof(fc.string({ maxLength: Math.min(maxLength, 12) }), exact);
}

function numberArbitrary(schema: JsonSchema): fc.Arbitrary<number> {
  const min = Number(schema.minimum ?? Number.MIN_SAFE_INTEGER);
  const max = Number(schema.maximum ?? Number.MAX_SAFE_INTEGER);
  if (schema.type === 'integer')
    return fc.oneof(
      fc.integer({ min: Math.max(0, min), max: Math.min(5, max) }),
      fc.integer({ min: Math.max(min, -1e9), max: Math.min(max, 1e9) }),
    );
  if (schema.multipleOf !== undefined)
    return fc.integer({ min: 0, max: 10_000 }).map((tenths) => tenths / 10);
  return fc.double({ min: -1e12, max: 1e12, noNaN: true });
}

function objectArbitrary(schema: JsonSchema): fc.Arbitrary<unknown> {
  const properties = schema.properties ?? {};
  const members = Object.fromEntries(
    Object.entries(properties).map(([key, member]) => [key, arbitrary(member)]),
  );
  return fc.record(members, { requiredKeys: [...(schema.required ?? [])] });
}

function arbitrary(schema: JsonSchema): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case 'object':
      return objectArbitrary(schema);
    case 'array': {
      const minLength = Number(schema.minItems ?? 0);
      const maxLength = Math.min(Number(schema.maxItems ?? 3), Math.max(3, minLength));
      return fc.array(arbitrary(schema.items ?? {}), { minLength, maxLength });
    }
    case 'string':
      return textArbitrary(schema);
    case 'integer':
    case 'number':
      return numberArbitrary(schema);
    case 'boolean':
      return fc.boolean();
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** Messages that the schema accepts, as they come out of JSON.parse. */
export const validMessages = (schema: JsonSchema): fc.Arbitrary<unknown> =>
  arbitrary(expand(schema)).map((message) => JSON.parse(JSON.stringify(message)) as unknown);

type Path = readonly string[];

function pathsOf(node: unknown, path: Path = []): Path[] {
  if (typeof node !== 'object' || node === null) return [path];
  return [path, ...Object.entries(node).flatMap(([key, member]) => pathsOf(member, [...path, key]))];
}

/** The node with the value at `path` changed; `undefined` takes it out. */
function replaceAt(node: unknown, path: Path, change: (value: unknown) => unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return change(node);
  const members = Object.entries(node as object).flatMap(([key, member]) => {
    const next = key === head ? replaceAt(member, rest, change) : member;
    return next === undefined ? [] : [[key, next] as const];
  });
  return Array.isArray(node) ? members.map(([, member]) => member) : Object.fromEntries(members);
}

/** Lengths on both sides of every bound that the hot messages have. */
const LENGTHS = [0, 16, 20, 25, 36, 40, 50, 100, 128, 255, 500, 512, 1000, 2500, 5500].flatMap((n) => [
  n,
  n + 1,
]);

const textChange = fc
  .tuple(fc.constantFrom(...LENGTHS), fc.constantFrom('x', 'ü', '🚗'))
  .map(([length, unit]) => unit.repeat(length));

const strangeTimes = fc.constantFrom(
  '2024-02-30T00:00:00Z',
  '2024-02-29T00:00:00Z',
  '2023-02-29T00:00:00Z',
  '2024-01-01T00:00:00',
  '2024-01-01 00:00:00z',
  '2024-01-01T24:00:00Z',
  '2016-12-31T23:59:60Z',
  '2016-12-31T23:59:61Z',
  '2017-01-01T05:29:60+05:30',
  '2024-01-01T00:00:00+0100',
  '2024-01-01T00:00:00+01',
  '2024-01-01T00:00:00.123456789Z',
  '2024-01-01T00:00:00,5Z',
  '24-01-01T00:00:00Z',
  'yesterday',
);

const otherType = fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 12, '', '12', [], {}, [{}], ['x'], {
  vendorId: 'v',
});

function grown(value: unknown): unknown {
  if (Array.isArray(value)) return [...value, ...value, ...value, ...value, ...value];
  return typeof value === 'object' && value !== null ? { ...value, unheardOf: 1 } : `${String(value)}!`;
}

const emptied = (value: unknown): unknown =>
  Array.isArray(value) ? [] : typeof value === 'object' && value !== null ? {} : '';

const change: fc.Arbitrary<(value: unknown) => unknown> = fc.oneof(
  fc.constant(() => undefined),
  fc.constant(grown),
  fc.constant(emptied),
  otherType.map((other) => () => other),
  textChange.map((text) => () => text),
  strangeTimes.map((text) => () => text),
);

/** A message with one to three of its fields dropped, retyped, lengthened, added to or renamed. */
export const mutatedMessages = (schema: JsonSchema): fc.Arbitrary<unknown> =>
  fc
    .tuple(validMessages(schema), fc.array(fc.tuple(fc.nat(), change), { minLength: 1, maxLength: 3 }))
    .map(([message, changes]) =>
      changes.reduce<unknown>((changed, [pick, apply]) => {
        const paths = pathsOf(changed);
        return replaceAt(changed, paths[pick % paths.length] ?? [], apply) ?? null;
      }, message),
    );
