import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.js';

const metrics = () =>
  createMetrics({
    process: false,
    definitions: [
      { name: 'calls_total', kind: 'counter', help: 'Calls', labels: ['outcome'] },
      { name: 'open', kind: 'gauge', help: 'Open', labels: [] },
      { name: 'answer_seconds', kind: 'histogram', help: 'Answers', labels: [] },
    ],
  });

describe('measures', () => {
  it('are counted, set and observed', async () => {
    const measured = metrics();
    measured.count('calls_total', { outcome: 'result' });
    measured.count('calls_total', { outcome: 'result' });
    measured.gauge('open', 3);
    measured.observe('answer_seconds', 0.02);
    const text = await measured.text();
    expect(text).toContain('calls_total{outcome="result"} 2');
    expect(text).toContain('open 3');
    expect(text).toContain('answer_seconds_bucket{le="0.025"} 1');
  });

  it('never fail', async () => {
    const measured = metrics();
    measured.count('unknown');
    measured.gauge('calls_total', 1);
    measured.observe('answer_seconds', Number.NaN);
    measured.count('calls_total', { outcome: 'x', colour: 'red' });
    measured.count('calls_total');
    const text = await measured.text();
    expect(text).toContain('calls_total{outcome="x"} 1');
    expect(text).toContain('calls_total{outcome=""} 1');
    expect(text).toContain('answer_seconds_count 0');
  });

  it('have a bounded number of series', async () => {
    const measured = metrics();
    for (let n = 0; n < 5_000; n++) measured.count('calls_total', { outcome: String(n) });
    expect((await measured.text()).match(/^calls_total\{/gm)).toHaveLength(1_000);
  });

  it('are brought up to date before each text', async () => {
    const measured = metrics();
    let n = 0;
    measured.beforeText(() => measured.gauge('open', ++n));
    await measured.text();
    expect(await measured.text()).toContain('open 2');
  });

  it('of the process are there by default', async () => {
    const text = await createMetrics().text();
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_heap_size_used_bytes',
      'nodejs_gc_duration_seconds',
    ]) {
      expect(text).toContain(`# TYPE ${name}`);
    }
  });
});
