import { expect, test } from 'vitest';
import { expandRange } from './range.js';
import { uniqueSlug } from './slug.js';

test.each([
  ['CP001..CP003', ['CP001', 'CP002', 'CP003']],
  ['CP9..CP11', ['CP9', 'CP10', 'CP11']],
  ['A-1-08..A-1-10', ['A-1-08', 'A-1-09', 'A-1-10']],
  ['7..7', ['7']],
])('%s', (text, ids) => {
  expect(expandRange(text)).toEqual({ ok: true, value: ids });
});

test.each([
  ['CP001..DP003', /begin alike/],
  ['CP001..CP0003', /equally many digits/],
  ['CP5..CP4', /backwards/],
  ['CP0..CP999999999', /more than 10000/],
  ['C P1..C P2', /no station id/],
  ['CP1', /no range/],
])('%s is refused', (text, message) => {
  expect(expandRange(text)).toMatchObject({ ok: false, error: expect.stringMatching(message) });
});

test.each([
  ['CP001', 'cp001'],
  ['Wallbox @ Hall 2', 'wallbox-hall-2'],
  ['***', 'station'],
  ['_CP_', 'cp'],
])('the node of station %s is called %s', (station, slug) => {
  expect(uniqueSlug(station, () => false)).toBe(slug);
});

test('a slug that is taken gets a number', () => {
  const taken = new Set(['cp001', 'cp001-2']);
  expect(uniqueSlug('CP001', (slug) => taken.has(slug))).toBe('cp001-3');
});
