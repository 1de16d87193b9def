// What a process measures of itself, for Prometheus. Services count through the small `Metrics` interface.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

/** Writing a measure never fails: what is not defined, or has too many series, is dropped. */
export interface Metrics {
  count(name: string, labels?: Labels): void;
  /** A counter goes up by so many. */
  add(name: string, by: number, labels?: Labels): void;
  observe(name: string, value: number, labels?: Labels): void;
  gauge(name: string, value: number, labels?: Labels): void;
}

export interface MetricDefinition {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

export interface ProcessMetrics extends Metrics {
  readonly registry: Registry;
  /** Called before every text, to bring gauges up to date. Must not throw. */
  beforeText(refresh: () => void): void;
  /** The Prometheus text. */
  text(): Promise<string>;
}

export interface MetricsOptions {
  /** What the services measure. */
  readonly definitions?: readonly MetricDefinition[];
  /** Memory, processor time, event loop and garbage collection of the process; default true. */
  readonly process?: boolean;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const COUNTS = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const SERIES_MAX = 1_000;

export function createMetrics(options: MetricsOptions = {}): ProcessMetrics {
  const registry = new Registry();
  if (options.process ?? true) collectDefaultMetrics({ register: registry });
  const series = new Map<string, Series>();
  for (const definition of options.definitions ?? []) {
    series.set(definition.name, createSeries(definition, registry));
  }
  const write = (kind: MetricDefinition['kind'], name: string, value: number, labels: Labels): void => {
    const found = series.get(name);
    if (found?.kind === kind) found.write(value, labels);
  };
  const refreshes: (() => void)[] = [];
  return {
    registry,
    count: (name, labels = {}) => write('counter', name, 1, labels),
    add: (name, by, labels = {}) => write('counter', name, by, labels),
    observe: (name, value, labels = {}) => write('histogram', name, value, labels),
    gauge: (name, value, labels = {}) => write('gauge', name, value, labels),
    beforeText(refresh) {
      refreshes.push(refresh);
    },
    async text() {
      for (const refresh of refreshes) refresh();
      return registry.metrics();
    },
  };
}

interface Series {
  readonly kind: MetricDefinition['kind'];
  write(value: number, labels: Labels): void;
}

function createSeries({ name, kind, help, labels: names }: MetricDefinition, registry: Registry): Series {
  const common = { name, help, labelNames: [...names], registers: [registry] };
  const write = writerOf(kind, common);
  // Several measures are taken of every message: what is the same for all of a series is made once.
  const seen = new Map<string, Record<string, string>>();
  return {
    kind,
    write(value, labels) {
      if (!Number.isFinite(value)) return;
      const key = names.length === 0 ? '' : names.map((label) => labels[label] ?? '').join('\0');
      let own = seen.get(key);
      if (own === undefined) {
        if (seen.size >= SERIES_MAX) return;
        own = Object.fromEntries(names.map((label) => [label, labels[label] ?? '']));
        seen.set(key, own);
      }
      write(value, own);
    },
  };
}

type Common = { name: string; help: string; labelNames: string[]; registers: Registry[] };

function writerOf(
  kind: MetricDefinition['kind'],
  common: Common,
): (value: number, labels: Record<string, string>) => void {
  switch (kind) {
    case 'counter': {
      const counter = new Counter(common);
      return (value, labels) => counter.inc(labels, value);
    }
    case 'gauge': {
      const gauge = new Gauge(common);
      return (value, labels) => gauge.set(labels, value);
    }
    case 'histogram': {
      const buckets = common.name.endsWith('_seconds') ? SECONDS : COUNTS;
      const histogram = new Histogram({ ...common, buckets });
      return (value, labels) => histogram.observe(labels, value);
    }
  }
}
