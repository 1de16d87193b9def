import { describe, expect, test } from 'vitest';
import { parseSiteFile } from './parse-site-file.js';
import { SITE_FILE_BYTES_MAX } from './yaml-source.js';

const SITE = 'id: s\ntimeZone: UTC\ngrid: { limit: 80 A }\n';
const problems = (text: string) => {
  const result = parseSiteFile(text);
  return result.ok ? [] : result.error.map((p) => `${p.line}:${p.column} ${p.path}: ${p.message}`);
};

describe('what a site file needs nothing of', () => {
  test.each([
    [`${SITE}name: &n x\n`, /^4:\d+ name: anchors are not allowed/],
    ['a: &a [x]\nb: *a\n', /aliases are not allowed/],
    [`${SITE}name: !!str x\n`, /tags are not allowed/],
    [`${SITE}name: !evil x\n`, /Unresolved tag/],
    [`${SITE}---\nid: t\n`, /^4:1 : a second document begins here/],
    [`${SITE}? [a]\n: 1\n`, /keys must be strings/],
    [`${SITE}<<: { name: x }\n`, /unknown key `<<`/],
    [`${SITE}name: "x\n`, /YAML: Missing closing "quote/],
    ['id: s\n\ttimeZone: UTC\n', /YAML: /],
    [`${SITE}__proto__: { name: x }\n`, /unknown key `__proto__`/],
    ['\u0000', /./],
  ])('%j', (text, expected) => {
    expect(problems(text).join('\n')).toMatch(expected);
  });
});

describe('hostile texts end soon and with few problems', () => {
  const bomb = Array.from({ length: 20 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`).join(
    '\n',
  );
  test.each([
    ['flow sequences', '['.repeat(SITE_FILE_BYTES_MAX)],
    ['block sequences', '- '.repeat(SITE_FILE_BYTES_MAX / 2)],
    ['flow maps', '{a: '.repeat(SITE_FILE_BYTES_MAX / 4)],
    ['explicit keys', '? '.repeat(SITE_FILE_BYTES_MAX / 2)],
    ['block maps', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['a billion laughs', `a0: &a0 x\n${bomb}`],
    ['many keys', Array.from({ length: 100_000 }, (_, i) => `k${i}: 1`).join('\n')],
    ['documents', '---\n'.repeat(SITE_FILE_BYTES_MAX / 4)],
    ['one byte too many', ' '.repeat(SITE_FILE_BYTES_MAX + 1)],
    [
      'stations without number',
      `${SITE}`.replace('80 A', '80 A, stations: [{ ids: A1..A9999 }, { ids: B1..B9999 }]'),
    ],
  ])(
    '%s',
    (_name, text) => {
      const found = problems(text);
      expect(found.length).toBeGreaterThan(0);
      expect(found.length).toBeLessThanOrEqual(100);
    },
    10_000,
  );
});
