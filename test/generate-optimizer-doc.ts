// Pictures and tables of docs/optimizer.md and README.md, from docs/optimizer/*.json, which
// `npm run bench -- acn --json FILE` wrote. Run after a build: node test/dist/generate-optimizer-doc.js

import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { frontier, regrets } from './bench/acn/plots.js';
import type { Result } from './bench/acn/table.js';
import { between, caseTable, weekTable } from './bench/acn/tables.js';

const ROOT = new URL(import.meta.url.includes('/dist/') ? '../../' : '../', import.meta.url);
const at = (path: string): string => fileURLToPath(new URL(path, ROOT));
const read = (path: string): string => readFileSync(at(path), 'utf8');
const results = (name: string): readonly Result[] =>
  (JSON.parse(read(`docs/optimizer/${name}.json`)) as { readonly outcomes: readonly Result[] }).outcomes;

/** Path from the root of the repository → text. */
export function optimizerDocs(): ReadonlyMap<string, string> {
  const [march, real] = [results('march'), results('real')];
  const [known, declared] = [results('weeks'), results('declared')];
  const caltech = march.filter(({ dataset, caps }) => dataset.startsWith('caltech') && (caps[0] ?? 0) <= 40);
  const doc = [
    ['ideal', caseTable(march)],
    ['real', caseTable(real)],
    ['weeks', weekTable(known)],
    ['declared', weekTable(declared)],
  ].reduce((text, [name = '', table = '']) => between(text, name, table), read('docs/optimizer.md'));
  return new Map([
    ['docs/optimizer.md', doc],
    ['README.md', between(read('README.md'), 'acn', caseTable(march))],
    [
      'docs/optimizer/fairness.svg',
      frontier(caltech, { x: 'jain', label: "Jain's index of delivered over requested" }),
    ],
    ['docs/optimizer/met.svg', frontier(caltech, { x: 'demandsMetPct', label: 'demands met, %' })],
    ['docs/optimizer/weeks.svg', regrets(known)],
    ['docs/optimizer/declared.svg', regrets(declared)],
  ]);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of optimizerDocs()) writeFileSync(at(path), text);
}
