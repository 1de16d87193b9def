import { EVENT_SCHEMAS, type Protocol } from '@ampledger/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Interpreted, StationContext } from '../contract.js';
import { stationActions } from '../schemas/actions.js';
import { RAW_SCHEMAS } from '../schemas/oca.js';
import { validMessages } from '../schemas/schema-arbitrary.js';
import { validateCall, validateResult } from '../schemas/validate.js';
import { interpretCall, interpretedActions } from './interpret.js';
import { callOf, contextOf, openSession } from './test-context.js';

const PROTOCOLS: readonly Protocol[] = ['ocpp1.6', 'ocpp2.0.1'];
const every = PROTOCOLS.flatMap((protocol) =>
  stationActions(protocol).map((action) => ({ protocol, action })),
);

function holdsFor(protocol: Protocol, action: string, { answer, events }: Interpreted): void {
  expect(validateResult(protocol, action, answer)).toEqual({ ok: true, value: answer });
  for (const { event } of events) expect(EVENT_SCHEMAS[event.type].parse(event.data)).toEqual(event.data);
  const keys = events.map(({ idParts }) => JSON.stringify(idParts));
  expect(new Set(keys).size).toBe(keys.length);
}

const contexts = (protocol: Protocol): fc.Arbitrary<StationContext> =>
  fc
    .record({ one: fc.boolean(), two: fc.boolean(), evseIds: fc.constantFrom([1], [1, 2], [1, 2, 3]) })
    .map(({ one, two, evseIds }) =>
      contextOf(protocol, {
        evseIds,
        openSessions: [...(one ? [openSession('1', 1)] : []), ...(two ? [openSession('2', 2)] : [])],
      }),
    );

describe('every message that a station may send', () => {
  it.each(PROTOCOLS)('has a meaning in %s', (protocol) => {
    expect([...interpretedActions(protocol)].sort()).toEqual([...stationActions(protocol)].sort());
  });

  it.each(every)(
    '$protocol $action: a valid answer, valid events, the same again for the same message',
    ({ protocol, action }) => {
      const schema = RAW_SCHEMAS[protocol].get(`${action}Request`) ?? {};
      fc.assert(
        fc.property(validMessages(schema), contexts(protocol), (payload, context) => {
          expect(validateCall(protocol, action, payload).ok).toBe(true);
          const outcome = interpretCall(context, callOf(action, payload));
          if (outcome.ok) holdsFor(protocol, action, outcome.value);
          else expect(outcome.error.code).toBe('PropertyConstraintViolation');
          expect(interpretCall(context, callOf(action, payload))).toEqual(outcome);
        }),
        { numRuns: 200 },
      );
    },
  );

  it('never has a token in its events', () => {
    const tokens = new Set(['idTag', 'idToken', 'additionalIdToken']);
    const marked = (message: unknown): unknown =>
      JSON.parse(JSON.stringify(message), (key, value) =>
        tokens.has(key) && typeof value === 'string' ? 'SECRET-TOKEN' : value,
      );
    for (const { protocol, action } of every) {
      const messages = validMessages(RAW_SCHEMAS[protocol].get(`${action}Request`) ?? {}).map(marked);
      const context = contextOf(protocol, { pseudonym: () => 'pseudonym' });
      for (const payload of fc.sample(messages, { numRuns: 20, seed: 1 })) {
        const outcome = interpretCall(context, callOf(action, payload));
        expect(JSON.stringify(outcome)).not.toContain('SECRET-TOKEN');
      }
    }
  });
});

it('an action without a meaning is not supported', () => {
  expect(interpretCall(contextOf('ocpp1.6'), callOf('__proto__', {}, '1'))).toMatchObject({
    ok: false,
    error: { code: 'NotSupported' },
  });
});

describe('a message without a time of its own', () => {
  const boot = callOf('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  const keyOf = (context: StationContext) => {
    const outcome = interpretCall(context, boot);
    return outcome.ok ? JSON.stringify(outcome.value.events.map(({ idParts }) => idParts)) : '';
  };

  it('is the same event again on its connection, and another on the next', () => {
    const first = keyOf(contextOf('ocpp1.6', { receivedAt: 1 }));
    expect(keyOf(contextOf('ocpp1.6', { receivedAt: 2 }))).toBe(first);
    expect(keyOf(contextOf('ocpp1.6', { connection: 'c2' }))).not.toBe(first);
  });
});
