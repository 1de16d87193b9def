// The chart, as far as it can be looked at without Helm (.ci/deploy renders it).

import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { filesBelow, KNOWN_VARIABLES, readJson, readText, readYaml, variablesIn } from './repository.js';

const CHART = 'deploy/helm/ampledger';
const isValues = new Ajv({ strict: false }).compile(readJson(`${CHART}/values.schema.json`) as object);
const defaults = readYaml(`${CHART}/values.yaml`);
const examples = filesBelow(`${CHART}/ci`, /-values\.yaml$/);

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As Helm puts values over the chart's own: objects key by key, everything else as a whole. */
function merge(under: unknown, over: unknown): unknown {
  if (!isTree(under) || !isTree(over)) return over;
  const changed = Object.entries(over).map(([key, value]) => [key, merge(under[key], value)]);
  return { ...under, ...Object.fromEntries(changed) };
}

const leaves = (tree: unknown, path = ''): readonly string[] =>
  isTree(tree) && Object.keys(tree).length > 0
    ? Object.entries(tree).flatMap(([key, value]) => leaves(value, path === '' ? key : `${path}.${key}`))
    : [path];

describe('values.schema.json', () => {
  it('takes the defaults', () => {
    expect([isValues(defaults), isValues.errors]).toEqual([true, null]);
  });

  it.each(examples)('takes %s', (path) => {
    expect([isValues(merge(defaults, readYaml(path))), isValues.errors]).toEqual([true, null]);
  });

  it.each(leaves(defaults).filter((path) => !/annotations\.|labels\./.test(path)))(
    'knows %s by its name',
    (path) => {
      const misspelt = path.split('.').reduceRight<unknown>((inner, key, index, keys) => {
        return { [index === keys.length - 1 ? `${key}X` : key]: inner };
      }, 'x');
      expect(isValues(merge(defaults, misspelt))).toBe(false);
    },
  );

  it.each([
    ['a number of partitions that is none', { kafka: { partitions: 0 } }],
    ['a broker without a port', { kafka: { brokers: ['kafka'] } }],
    ['a key that is too short', { secrets: { pseudonymKey: 'abc' } }],
    ['a store of another kind', { secrets: { eventStoreUrl: 'postgres://x' } }],
    ['no replicas', { api: { replicas: null } }],
  ])('refuses %s', (_, values) => {
    expect(isValues(merge(defaults, values))).toBe(false);
  });
});

describe('templates', () => {
  const templates = filesBelow(`${CHART}/templates`, /\.(?:ya?ml|tpl|txt)$/).map(readText);

  it('set only what a process reads', () => {
    const text = [...templates, ...examples.map(readText)];
    expect(text.flatMap(variablesIn).filter((name) => !KNOWN_VARIABLES.has(name))).toEqual([]);
  });

  it('use only values that there are', () => {
    const used = templates.flatMap((text) => text.match(/\.Values(?:\.[a-zA-Z]+)+/g) ?? []);
    const has = (path: string): boolean => {
      let tree: unknown = defaults;
      for (const key of path.split('.').slice(2)) {
        if (!isTree(tree) || !Object.hasOwn(tree, key)) return false;
        tree = tree[key];
      }
      return true;
    };
    expect([...new Set(used)].filter((path) => !has(path))).toEqual([]);
  });
});

it.each([
  [`${CHART}/files/alerts.yml`, 'deploy/prometheus/alerts.yml'],
  [`${CHART}/files/ampledger.json`, 'deploy/grafana/dashboards/ampledger.json'],
])('%s is %s', (copy, original) => {
  expect(readText(copy)).toBe(readText(original));
});

it('finds in the rules what it puts the number of partitions in for', () => {
  const replaced = [...readText(`${CHART}/templates/monitoring.yaml`).matchAll(/replace "([^"]+)"/g)];
  expect(replaced).toHaveLength(1);
  for (const [, text = ''] of replaced) {
    expect(readText('deploy/prometheus/alerts.yml').split(text)).toHaveLength(2);
  }
});
