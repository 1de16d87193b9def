import type { Protocol } from '@ampledger/domain';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOT_SCHEMAS } from './hot.js';
import { RAW_SCHEMAS } from './oca.js';
import { mutatedMessages, validMessages } from './schema-arbitrary.js';

// The oracle: the OCA's schemas as published, in a validator of their own.
const oracle = new Ajv({ strict: false, validateSchema: false });
ajvFormats.default(oracle);

const hotMessages = (['ocpp1.6', 'ocpp2.0.1'] as const).flatMap((protocol) =>
  [...HOT_SCHEMAS[protocol].keys()].map((action) => ({ protocol, action })),
);

function partsOf(protocol: Protocol, action: string) {
  const schema = RAW_SCHEMAS[protocol].get(`${action}Request`);
  const hot = HOT_SCHEMAS[protocol].get(action);
  if (schema === undefined || hot === undefined) throw new Error(`no ${action} in ${protocol}`);
  return { schema, hot, accepts: oracle.compile(schema) };
}

describe.each(hotMessages)('$protocol $action by hand equals the OCA schema', ({ protocol, action }) => {
  const { schema, hot, accepts } = partsOf(protocol, action);

  it('accepts what it accepts', () => {
    fc.assert(
      fc.property(validMessages(schema), (message) => {
        expect(accepts(message)).toBe(true);
        expect(hot.safeParse(message).success).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('agrees on messages with faults', () => {
    fc.assert(
      fc.property(mutatedMessages(schema), (message) => {
        expect(hot.safeParse(message).success).toBe(accepts(message));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('integers', () => {
  it.each([1e300, 2 ** 53, -(2 ** 53)])('%d is refused: it does not survive JSON', (connectorId) => {
    const { hot } = partsOf('ocpp1.6', 'MeterValues');
    expect(hot.safeParse({ connectorId, meterValue: [] }).success).toBe(false);
  });
});
