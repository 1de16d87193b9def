// The names of all metrics: those that the sources define, found as text, and those of the library for
// processes. A name with a part that is put in (`ampledger_node_${name}_amperes`) stands for one name for
// each text in the same file that could be that part.

import { collectDefaultMetrics, Registry } from 'prom-client';
import { filesBelow, readText } from './repository.js';

const LITERAL = /['"`](ampledger_[a-z0-9_]+)['"`]/g;
const TEMPLATE = /`(ampledger_[a-z0-9_]*)\$\{\w+\}([a-z0-9_]*)`/g;
const WORD = /'([a-z]+)'/g;

function definedIn(text: string): readonly string[] {
  const words = [...text.matchAll(WORD)].map(([, word]) => word);
  return [
    ...[...text.matchAll(LITERAL)].map(([, name = '']) => name),
    ...[...text.matchAll(TEMPLATE)].flatMap(([, before, after]) =>
      words.map((word) => `${before}${word}${after}`),
    ),
  ];
}

export function definedMetrics(): ReadonlySet<string> {
  const sources = ['packages', 'services', 'optimizer']
    .flatMap((folder) => filesBelow(folder, /\/src\/.*\.ts$/))
    .filter((path) => !/\.(?:test|fixture)\.ts$|node_modules|\/dist\//.test(path));
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const ofProcess = registry.getMetricsAsArray().map(({ name }) => name);
  return new Set([...sources.map(readText).flatMap(definedIn), ...ofProcess, 'up']);
}

/** A histogram's series under the name that it is defined by. */
export const baseName = (name: string, defined: ReadonlySet<string>): string =>
  defined.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');

/** Words of an expression that are metrics and not functions, labels or keywords. */
export const metricsIn = (expression: string): readonly string[] => [
  ...new Set([
    ...(expression.match(/\b(?:ampledger|process|nodejs)_[a-z0-9_]+\b/g) ?? []),
    ...(/\bup\b/.test(expression) ? ['up'] : []),
  ]),
];
