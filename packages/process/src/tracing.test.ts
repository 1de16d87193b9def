import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { NO_TRACES } from '@ampledger/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import { startTracing, type Tracing } from './tracing.js';

interface ExportedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: ExportedSpan['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[];
  }[];
}

const servers: Server[] = [];
const tracings: Tracing[] = [];
afterEach(async () => {
  await Promise.all(tracings.splice(0).map((tracing) => tracing.close()));
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Takes OTLP over HTTP with JSON, as a collector does. */
async function collector(status = 200) {
  const exports: Export[] = [];
  const paths: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    paths.push(`${request.method} ${request.url} ${request.headers['content-type']}`);
    exports.push(JSON.parse(body) as Export);
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('it listens on a port');
  const spans = () =>
    exports.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );
  return { endpoint: `http://127.0.0.1:${address.port}`, exports, paths, spans };
}

async function tracing(endpoint: string | null, sampling = 1, onWarning = (_message: string) => {}) {
  const started = await startTracing({
    serviceName: 'ampledger-test',
    instance: 'a-1',
    endpoint,
    sampling,
    onWarning,
  });
  tracings.push(started);
  return started;
}

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('startTracing', () => {
  it('exports spans with their parents to a collector', async () => {
    const { endpoint, paths, spans, exports } = await collector();
    const { tracer, close } = await tracing(endpoint);
    const parent = tracer.start('ocpp MeterValues');
    const child = tracer.start('fold', parent.traceparent);
    child.end({ site: 'garage', events: 3, late: false });
    parent.end();
    await close();
    expect(paths).toEqual(['POST /v1/traces application/json']);
    const [first, second] = spans();
    expect(first).toMatchObject({ name: 'fold', traceId: second?.traceId, parentSpanId: second?.spanId });
    expect(second).toMatchObject({ name: 'ocpp MeterValues' });
    expect(second?.parentSpanId ?? '').toBe('');
    expect(parent.traceparent).toBe(`00-${second?.traceId}-${second?.spanId}-01`);
    expect(first?.attributes).toEqual([
      { key: 'site', value: { stringValue: 'garage' } },
      { key: 'events', value: { intValue: 3 } },
      { key: 'late', value: { boolValue: false } },
    ]);
    expect(exports[0]?.resourceSpans[0]?.resource.attributes).toEqual(
      expect.arrayContaining([
        { key: 'service.name', value: { stringValue: 'ampledger-test' } },
        { key: 'service.instance.id', value: { stringValue: 'a-1' } },
      ]),
    );
  });

  it('goes on with a trace from elsewhere, whatever its own sampling', async () => {
    const { endpoint, spans } = await collector();
    const { tracer, close } = await tracing(`${endpoint}/v1/traces`, 0);
    const span = tracer.start('answer', PARENT);
    expect(span.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
    span.end();
    await close();
    expect(spans()).toMatchObject([{ traceId: PARENT.split('-')[1], parentSpanId: PARENT.split('-')[2] }]);
  });

  it('leaves out what is not sampled, here or elsewhere', async () => {
    const { endpoint, exports } = await collector();
    const none = await tracing(endpoint, 0);
    const all = await tracing(endpoint, 1);
    const spans = [none.tracer.start('a'), all.tracer.start('b', PARENT.replace(/01$/, '00'))];
    for (const span of spans) {
      expect(span.traceparent).toBeUndefined();
      span.end({ a: 1 });
    }
    await Promise.all([none.close(), all.close()]);
    expect(exports).toEqual([]);
  });

  it.each([
    'x',
    '',
    PARENT.replace(/^00/, 'ff'),
    PARENT.replace('b7ad6b7169203331', '0000000000000000'),
    PARENT.toUpperCase(),
    `${PARENT}-more`,
  ])('begins a trace of its own for the parent %j', async (parent) => {
    const { endpoint } = await collector();
    const { tracer } = await tracing(endpoint);
    const { traceparent } = tracer.start('a', parent);
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(traceparent).not.toContain('0af7651916cd43dd8448eb211c80319c');
  });

  it('understands later versions as far as it can', async () => {
    const { endpoint } = await collector();
    const { tracer } = await tracing(endpoint);
    const later = `${PARENT.replace(/^00/, '01')}-more`;
    expect(tracer.start('a', later).traceparent).toContain('0af7651916cd43dd8448eb211c80319c');
  });

  it('says once that traces get lost', async () => {
    const { endpoint, exports } = await collector(400);
    const warnings: string[] = [];
    const { tracer, close } = await tracing(endpoint, 1, (message) => void warnings.push(message));
    // Two batches.
    for (let n = 0; n < 600; n++) tracer.start('a').end();
    await close();
    expect(exports).toHaveLength(2);
    expect(warnings).toEqual([expect.stringMatching(/^Traces get lost: /)]);
  });

  it('does nothing without an endpoint', async () => {
    const { tracer, close } = await tracing(null);
    expect(tracer).toBe(NO_TRACES);
    await close();
  });
});
