import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEPTH_MAX,
  formatCall,
  formatError,
  formatFrame,
  formatResult,
  nestsWithin,
  parseFrame,
} from './frame.js';

const id36 = 'x'.repeat(36);
const nested = (depth: number) => `[2,"7","Heartbeat",${'['.repeat(depth)}${']'.repeat(depth)}]`;

describe('parseFrame reads', () => {
  it.each([
    ['[2,"1","Heartbeat",{}]', { kind: 'call', id: '1', action: 'Heartbeat', payload: {} }],
    ['[2,"1","Heartbeat",null]', { kind: 'call', id: '1', action: 'Heartbeat', payload: null }],
    [`[2,"${id36}","A",{}]`, { kind: 'call', id: id36, action: 'A', payload: {} }],
    ['[3,"1",{"status":"Accepted"}]', { kind: 'result', id: '1', payload: { status: 'Accepted' } }],
    [
      '[4,"1","GenericError","no",{}]',
      { kind: 'error', id: '1', code: 'GenericError', description: 'no', details: {} },
    ],
    [
      '[4,"1","GenericError"]',
      { kind: 'error', id: '1', code: 'GenericError', description: '', details: {} },
    ],
    [
      '[2,"1","DataTransfer",{"constructor":1}]',
      { kind: 'call', id: '1', action: 'DataTransfer', payload: { constructor: 1 } },
    ],
  ])('%s', (text, expected) => {
    expect(parseFrame(text)).toEqual({ ok: true, value: expected });
  });
});

describe('parseFrame refuses', () => {
  it.each([
    ['', 'not-json', undefined],
    ['[2,"1","Heartbeat",{}', 'not-json', '1'],
    ['[2,"1","Heartbeat",{]}', 'not-json', '1'],
    ['{}', 'not-an-array', undefined],
    ['"x"', 'not-an-array', undefined],
    ['null', 'not-an-array', undefined],
    ['[]', 'bad-shape', undefined],
    ['[2,"1","Heartbeat"]', 'bad-shape', '1'],
    ['[2,"1","Heartbeat",{},1]', 'bad-shape', '1'],
    ['[2,"1",5,{}]', 'bad-shape', '1'],
    ['[3,"1"]', 'bad-shape', '1'],
    ['[4,"1",7,"",{}]', 'bad-shape', '1'],
    ['[0,"1","Heartbeat",{}]', 'unknown-message-type', '1'],
    ['["2","1","Heartbeat",{}]', 'unknown-message-type', '1'],
    ['[2.5,"1","Heartbeat",{}]', 'unknown-message-type', '1'],
    ['[null,"1","Heartbeat",{}]', 'unknown-message-type', '1'],
    ['[2,"","Heartbeat",{}]', 'bad-message-id', undefined],
    ['[2,7,"Heartbeat",{}]', 'bad-message-id', undefined],
    [`[2,"${id36}x","Heartbeat",{}]`, 'bad-message-id', undefined],
    ['[2,"a\\nb","Heartbeat",{}]', 'bad-message-id', undefined],
    ['[2,"\\ud800","Heartbeat",{}]', 'bad-message-id', undefined],
    ['[2,"1","DataTransfer",{"a":{"__proto__":{"x":1}}}]', 'forbidden-key', '1'],
    ['[2,"1","DataTransfer",{"\\u005f_proto__":1}]', 'forbidden-key', '1'],
    ['[2,"1","DataTransfer",[{"constructor":{"prototype":{}}}]]', 'forbidden-key', '1'],
    [nested(DEPTH_MAX), 'too-deep', '7'],
    ['['.repeat(100_000), 'too-deep', undefined],
    ['{"a":'.repeat(100_000), 'too-deep', undefined],
  ])('%.60s', (text, reason, id) => {
    expect(parseFrame(text)).toEqual({ ok: false, error: id === undefined ? { reason } : { reason, id } });
  });
});

describe('parseFrame, for any text', () => {
  it('never throws, and reads back what is written', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseFrame(text)));
    fc.assert(
      fc.property(
        fc.stringMatching(/^[ -~]{1,36}$/),
        fc.string(),
        fc.jsonValue({ maxDepth: 5 }),
        (id, action, payload) => {
          for (const text of [formatCall(id, action, payload), formatResult(id, payload)]) {
            const frame = parseFrame(text);
            if (frame.ok) expect(formatFrame(frame.value)).toBe(text);
            else expect(frame.error.reason).toBe('forbidden-key');
          }
        },
      ),
    );
  });

  it('counts depth as JSON does, brackets in strings or not', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    const bracketed = fc.jsonValue({
      maxDepth: 8,
      stringUnit: fc.constantFrom('[', ']', '{', '"', '\\', 'a'),
    });
    fc.assert(
      fc.property(bracketed, fc.integer({ min: 0, max: 9 }), (value, depthMax) => {
        expect(nestsWithin(JSON.stringify(value), depthMax)).toBe(depthOf(value) <= depthMax);
      }),
    );
  });
});

it('formatError writes a CALLERROR', () => {
  expect(formatError('1', { code: 'NotSupported', description: 'no', details: {} })).toBe(
    '[4,"1","NotSupported","no",{}]',
  );
});
