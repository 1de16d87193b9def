// docs/openapi.json is generated from the routes. After a change of theirs:
// npx vitest run services/api/src/web/openapi.test.ts -u

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bench, startBench } from '../testing.js';

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
  readonly requestBody?: { readonly content: Readonly<Record<string, object>> };
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

describe('the OpenAPI document', () => {
  let bench: Bench;
  let document: Document;
  beforeAll(async () => {
    bench = await startBench();
    document = (await bench.api.inject('/openapi.json')).json();
  });
  afterAll(() => bench.close());

  it('is the one in docs', async () => {
    const file = fileURLToPath(new URL('../../../../docs/openapi.json', import.meta.url));
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot(file);
  });

  it('is OpenAPI 3.1 and has every route', () => {
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(operations.sort()).toEqual([
      'DELETE /api/v1/sites/{siteId}/envelopes/{source}',
      'DELETE /api/v1/sites/{siteId}/signals/{signal}',
      'GET /api/v1/events',
      'GET /api/v1/live',
      'GET /api/v1/sites',
      'GET /api/v1/sites/{siteId}',
      'GET /api/v1/sites/{siteId}/plan',
      'GET /api/v1/sites/{siteId}/signals',
      'GET /api/v1/stations',
      'GET /api/v1/stations/{stationId}',
      'GET /livez',
      'GET /metrics',
      'GET /readyz',
      'POST /api/v1/stations/{stationId}/calls',
      'PUT /api/v1/sites/{siteId}',
      'PUT /api/v1/sites/{siteId}/battery',
      'PUT /api/v1/sites/{siteId}/connectors/{connector}/needs',
      'PUT /api/v1/sites/{siteId}/envelopes/{source}',
      'PUT /api/v1/sites/{siteId}/nodes/{nodeId}/load',
      'PUT /api/v1/sites/{siteId}/signals/{signal}',
    ]);
  });

  it('says of every operation what it does and what may go wrong', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const operation of Object.values(item)) {
        expect([path, operation.summary]).toEqual([path, expect.any(String)]);
        for (const [status, response] of Object.entries(operation.responses)) {
          expect([path, status, response.description]).not.toContain('Default Response');
          if (Number(status) >= 400)
            expect(Object.keys(response.content ?? {})).toEqual(['application/problem+json']);
        }
      }
    }
    const call = document.paths['/api/v1/stations/{stationId}/calls']?.post;
    expect(Object.keys(call?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '404', '409', '502', '504']),
    );
    const configure = document.paths['/api/v1/sites/{siteId}']?.put;
    expect(Object.keys(configure?.requestBody?.content ?? {})).toEqual([
      'application/yaml',
      'application/json',
    ]);
  });

  it('has every schema that it refers to, and no other', () => {
    const text = JSON.stringify(document);
    const referred = new Set(
      [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name),
    );
    expect([...referred].sort()).toEqual(Object.keys(document.components.schemas).sort());
    expect(text).not.toContain('"readOnly"');
  });

  it('has a page', async () => {
    const page = await bench.api.inject('/docs');
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.headers['content-security-policy']).toContain("style-src 'self' 'unsafe-inline'");
    expect((await bench.api.inject('/docs/json')).json()).toEqual(document);
  });
});
