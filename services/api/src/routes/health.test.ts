import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PortError } from '@ampledger/ports';
import { afterEach, describe, expect, it } from 'vitest';
import { type Bench, connected, startBench } from '../testing.js';

let bench: Bench;
afterEach(() => bench.close());

describe('health', () => {
  it('lives and is ready', async () => {
    bench = await startBench();
    expect((await bench.api.inject('/livez')).json()).toEqual({ live: true });
    expect((await bench.api.inject('/readyz')).json()).toEqual({ ready: true });
  });

  it('says why it is not ready', async () => {
    bench = await startBench({
      ready: () => ({ ready: false, reasons: ['the log is being read', 'no bus'] }),
    });
    const answer = await bench.api.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      type: 'urn:ampledger:problem:not-ready',
      reasons: ['the log is being read', 'no bus'],
    });
  });

  it('measures sites and its own requests', async () => {
    bench = await startBench();
    await bench.say(connected('CP1'));
    await bench.api.inject('/api/v1/sites/garage');
    await bench.clock.advance(1_000);
    const answer = await bench.api.inject('/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.body).toContain('ampledger_node_limit_amperes{site="garage",node="main",phase="L1"} 63');
    expect(answer.body).toContain(
      'ampledger_node_unmanaged_amperes{site="garage",node="house",phase="L3"} 20',
    );
    expect(answer.body).toContain('ampledger_site_connectors_online{site="garage"} 1');
    expect(answer.body).toContain('route="/api/v1/sites/:siteId"');
    expect(answer.body).not.toContain('ampledger_site_allocation_age_seconds{');
  });

  it('tells how old the last allocation is', async () => {
    bench = await startBench();
    await bench.say({
      type: 'LimitsAllocated',
      data: { site: 'garage', at: bench.clock.now(), basis: 1, epoch: 0, allocations: [] },
    } as never);
    await bench.clock.advance(2_500);
    expect((await bench.api.inject('/metrics')).body).toContain(
      'ampledger_site_allocation_age_seconds{site="garage"} 2.5',
    );
  });
});

describe('what browsers get', () => {
  it('has the headers that keep others out', async () => {
    bench = await startBench();
    const { headers } = await bench.api.inject('/api/v1/sites');
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'self'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('serves the page, and nothing beside it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ampledger-page-'));
    writeFileSync(join(directory, 'index.html'), '<!doctype html><title>Ampledger</title>');
    writeFileSync(join(directory, '.secret'), 'x');
    bench = await startBench({ assetsDirectory: directory });
    const page = await bench.api.inject('/');
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.body).toContain('Ampledger');
    for (const url of [
      '/.secret',
      '/../package.json',
      '/%2e%2e/package.json',
      '/nothing.js',
      '/api/v1/nothing',
    ]) {
      const answer = await bench.api.inject(url);
      expect([url, answer.statusCode, answer.json().type]).toEqual([
        url,
        404,
        'urn:ampledger:problem:unknown-resource',
      ]);
    }
    rmSync(directory, { recursive: true });
  });

  it('says when the page is not built', async () => {
    bench = await startBench();
    expect((await bench.api.inject('/')).json()).toMatchObject({
      status: 404,
      detail: expect.stringContaining('npm run build'),
    });
  });
});

describe('failures of the log', () => {
  it.each([
    ['that pass', new PortError('UNAVAILABLE', 'secret/path'), 503],
    ['that stay', new PortError('IO', 'secret/path'), 500],
    ['that nobody thought of', new Error('secret/path'), 500],
  ])('%s are told without their words', async (_what, failure, status) => {
    bench = await startBench();
    const failing = await startBench({
      bus: { publish: () => Promise.reject(failure), subscribe: bench.log.bus.subscribe },
    });
    const answer = await failing.api.inject({
      method: 'PUT',
      url: '/api/v1/sites/garage/envelopes/operator',
      payload: { limitA: 1 },
    });
    expect(answer.statusCode).toBe(status);
    expect(answer.body).not.toContain('secret/path');
    expect(failing.logged).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ err: failure }) }),
    );
    await failing.close();
  });
});
