import { describe, expect, it } from 'vitest';
import { AnswerMemory, type HeardCall } from './answer-memory.js';
import { createTextDigest } from './text-digest.js';

const textDigest = createTextDigest(Buffer.alloc(32, 1));

const call = (id: string, text: string, action = 'MeterValues', connection = 'c1'): HeardCall => ({
  id,
  digest: textDigest(text),
  action,
  connection,
});

describe('answer memory', () => {
  const memory = new AnswerMemory(64);
  memory.keep(call('1', 'meter'), 'answer 1');
  memory.keep(call('2', '{}', 'Heartbeat'), 'answer 2');

  it.each([
    ['the same again', call('1', 'meter'), { kind: 'again', answer: 'answer 1' }],
    ['another under the same id', call('1', 'other'), { kind: 'conflict' }],
    [
      'the same on a later connection',
      call('1', 'meter', 'MeterValues', 'c2'),
      { kind: 'again', answer: 'answer 1' },
    ],
    ['another under the same id, later', call('1', 'other', 'MeterValues', 'c2'), { kind: 'new' }],
    ['a new id', call('3', 'meter'), { kind: 'new' }],
    ['a heartbeat again', call('2', '{}', 'Heartbeat'), { kind: 'again', answer: 'answer 2' }],
    // A station that counts its ids from 1 after each start needs the time of now.
    ['a heartbeat on a later connection', call('2', '{}', 'Heartbeat', 'c2'), { kind: 'new' }],
  ])('%s', (_name, heard, recollection) => {
    expect(memory.recall(heard)).toEqual(recollection);
  });

  it('keeps a bounded number', () => {
    const small = new AnswerMemory(2);
    for (const id of ['1', '2', '3']) small.keep(call(id, 'x'), id);
    expect(['1', '2', '3'].map((id) => small.recall(call(id, 'x')).kind)).toEqual(['new', 'again', 'again']);
  });
});

describe('text digest', () => {
  it('tells texts apart that differ in one character', () => {
    const texts = Array.from({ length: 20_000 }, (_, i) => `[2,"${i}","MeterValues",{"value":"${i % 7}"}]`);
    expect(new Set(texts.map(textDigest)).size).toBe(texts.length);
  });

  it('is another one under another key', () => {
    expect(createTextDigest(Buffer.alloc(32, 2))('x')).not.toBe(textDigest('x'));
    expect(createTextDigest(Buffer.alloc(32, 1))('x')).toBe(textDigest('x'));
  });
});
