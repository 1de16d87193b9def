// Traces by OpenTelemetry, to whatever takes OTLP over HTTP. The libraries are loaded only when there is an
// endpoint; without one nothing is traced and nothing is paid.

import { NO_TRACES, type Span, sleep, systemClock, type Tracer } from '@ampledger/kernel';
import type { Context, Span as OtelSpan } from '@opentelemetry/api';
import { parseTraceparent, traceparentOf } from './traceparent.js';

export interface TracingOptions {
  /** `ampledger-ingress` */
  readonly serviceName: string;
  readonly instance: string;
  readonly version?: string;
  /** Of a collector: `http://127.0.0.1:4318`; null: no traces. */
  readonly endpoint: string | null;
  /** The share of new traces that are kept, 0..1. What follows from a span elsewhere is kept when that is. */
  readonly sampling: number;
  /** Told when traces begin to get lost, once until they get through again. */
  readonly onWarning?: (message: string) => void;
}

export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what is left, within two seconds. */
  close(): Promise<void>;
}

const QUEUE_SPANS_MAX = 4_096;
const BATCH_SPANS_MAX = 512;
const EXPORT_EVERY_MS = 1_000;
const EXPORT_MS_MAX = 5_000;
const CLOSE_MS_MAX = 2_000;

export async function startTracing(options: TracingOptions): Promise<Tracing> {
  if (options.endpoint === null) return { tracer: NO_TRACES, close: async () => {} };
  const [api, sdk, resources] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = await createExporter(options.endpoint, options.onWarning);
  const provider = new sdk.BasicTracerProvider({
    resource: resources.defaultResource().merge(
      resources.resourceFromAttributes({
        'service.name': options.serviceName,
        'service.instance.id': options.instance,
        ...(options.version === undefined ? {} : { 'service.version': options.version }),
      }),
    ),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(options.sampling) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor(exporter, {
        maxQueueSize: QUEUE_SPANS_MAX,
        maxExportBatchSize: BATCH_SPANS_MAX,
        scheduledDelayMillis: EXPORT_EVERY_MS,
        exportTimeoutMillis: EXPORT_MS_MAX,
      }),
    ],
  });
  const tracer = provider.getTracer('ampledger');
  const contextOf = (parent: string | undefined): Context => {
    const context = parent === undefined ? undefined : parseTraceparent(parent);
    return context === undefined ? api.ROOT_CONTEXT : api.trace.setSpanContext(api.ROOT_CONTEXT, context);
  };
  return {
    tracer: { start: (name, parent) => spanOf(tracer.startSpan(name, {}, contextOf(parent))) },
    async close() {
      const done = provider.shutdown().catch(() => undefined);
      await Promise.race([done, sleep(systemClock, CLOSE_MS_MAX)]);
    },
  };
}

const UNSAMPLED: Span = { traceparent: undefined, end: () => {} };

function spanOf(span: OtelSpan): Span {
  if (!span.isRecording()) return UNSAMPLED;
  return {
    traceparent: traceparentOf(span.spanContext()),
    end(attributes) {
      if (attributes !== undefined) span.setAttributes(attributes);
      span.end();
    },
  };
}

/** The exporter, which keeps its failures to itself, with a word about them. */
async function createExporter(endpoint: string, onWarning: TracingOptions['onWarning']) {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  const url = endpoint.endsWith(TRACES_PATH) ? endpoint : `${endpoint.replace(/\/+$/, '')}${TRACES_PATH}`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_MS_MAX });
  const plainExport = exporter.export.bind(exporter);
  let isLosing = false;
  exporter.export = (spans, done) =>
    plainExport(spans, (result) => {
      if (result.error !== undefined && !isLosing) onWarning?.(`Traces get lost: ${result.error.message}`);
      isLosing = result.error !== undefined;
      done(result);
    });
  return exporter;
}

const TRACES_PATH = '/v1/traces';
