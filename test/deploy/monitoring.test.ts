// Rules and dashboard: what they look at is measured, and what they raise is explained.

import { describe, expect, it } from 'vitest';
import { baseName, definedMetrics, metricsIn } from './metric-names.js';
import { readJson, readText, readYaml } from './repository.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
}

const { groups } = readYaml('deploy/prometheus/alerts.yml') as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);
const dashboard = readJson('deploy/grafana/dashboards/ampledger.json') as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly definition?: string }[] };
};
const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);
const defined = definedMetrics();
const unknownIn = (expression: string): readonly string[] =>
  metricsIn(expression).filter((name) => !defined.has(baseName(name, defined)));

const headings = readText('docs/deploying.md')
  .split('\n')
  .filter((line) => line.startsWith('#'))
  .map((line) =>
    line
      .replace(/^#+ /, '')
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );

describe('definedMetrics', () => {
  it('finds names as they stand, and those that are put together', () => {
    expect(defined).toContain('ampledger_ingress_connections');
    expect(defined).toContain('ampledger_node_limit_amperes');
    expect(defined).toContain('process_start_time_seconds');
    expect(defined).not.toContain('ampledger_node_colour_amperes');
  });
});

describe('alerts.yml', () => {
  it.each(rules.map((rule) => [rule.alert, rule] as const))('%s', (_, rule) => {
    expect(metricsIn(rule.expr).length).toBeGreaterThan(0);
    expect(unknownIn(rule.expr)).toEqual([]);
    expect(['critical', 'warning']).toContain(rule.labels.severity);
    expect(rule.annotations.summary).toBeTruthy();
    const [page, heading] = rule.annotations.runbook?.split('#') ?? [];
    expect(page).toBe('docs/deploying.md');
    expect(headings).toContain(heading);
  });

  it('has each name once', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});

describe('the dashboard', () => {
  it.each(targets.map(({ expr }) => expr))('shows what is measured: %s', (expr) => {
    expect(metricsIn(expr).length).toBeGreaterThan(0);
    expect(unknownIn(expr)).toEqual([]);
  });

  it('offers variables of what is measured, and uses only those', () => {
    const { list } = dashboard.templating;
    expect(list.flatMap(({ definition }) => unknownIn(definition ?? ''))).toEqual([]);
    const used = JSON.stringify(dashboard).match(/\$\{?([a-z]\w*)/g) ?? [];
    const known = new Set([...list.map(({ name }) => name), '__rate_interval', '__all']);
    expect(
      [...new Set(used)].map((name) => name.replace(/\$\{?/, '')).filter((name) => !known.has(name)),
    ).toEqual([]);
  });

  it('has panels of their own number, beside each other', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});

it('what is provisioned is where it is said to be', () => {
  const compose = readText('docker-compose.yml');
  const provider = readText('deploy/grafana/provisioning/dashboards/ampledger.yml');
  const folder = /path: (\S+)/.exec(provider)?.[1];
  expect(compose).toContain(`./deploy/grafana/dashboards:${folder}:ro`);
  expect(readText('deploy/prometheus/prometheus.yml')).toContain('- alerts.yml');
});
