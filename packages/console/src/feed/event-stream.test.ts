import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStreamParser } from './event-stream.js';

const STREAM =
  ': hello\n\nevent: site\ndata: {"a":1}\n\nid: 7\nevent: event\r\ndata: one\r\ndata: two\r\n\r\ndata:bare\n\nevent: nothing\n\nretry\n';
const MESSAGES = [
  { event: 'site', data: '{"a":1}' },
  { event: 'event', data: 'one\ntwo' },
  { event: 'message', data: 'bare' },
];

test('reads messages, comments and every kind of line end', () => {
  expect(createStreamParser()(STREAM)).toEqual(MESSAGES);
  expect(createStreamParser()('data: mac\r\r ')).toEqual([{ event: 'message', data: 'mac' }]);
});

test('gives the same messages however the text is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 12 }), (cuts) => {
      const parse = createStreamParser();
      const edges = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
      const messages = edges.slice(1).flatMap((edge, index) => parse(STREAM.slice(edges[index], edge)));
      expect(messages).toEqual(MESSAGES);
    }),
  );
});

test('a message without end is refused', () => {
  const parse = createStreamParser();
  const chunk = 'x'.repeat(16 * 1024 * 1024);
  expect(() => {
    for (let i = 0; i < 5; i++) parse(chunk);
  }).toThrow('without end');
});
