import { settle, type Tracer } from '@ampledger/kernel';
import { PortError } from '@ampledger/ports';
import { describe, expect, it } from 'vitest';
import { callRequested, testEngine } from './test-station.js';

interface Traced {
  readonly name: string;
  readonly parent: string | undefined;
  readonly traceparent: string;
  ended?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** Keeps every span; each must end once. */
function memoryTracer(): { readonly tracer: Tracer; readonly spans: readonly Traced[] } {
  const spans: Traced[] = [];
  const tracer: Tracer = {
    start(name, parent) {
      const span: Traced = { name, parent, traceparent: `trace-${spans.length}` };
      spans.push(span);
      return {
        traceparent: span.traceparent,
        end(attributes) {
          expect(span.ended, 'a span ends once').toBeUndefined();
          span.ended = attributes;
        },
      };
    },
  };
  return { tracer, spans };
}

const METER = {
  connectorId: 1,
  meterValue: [{ timestamp: '2026-03-01T08:00:00Z', sampledValue: [{ value: '1' }] }],
};
const BOOT = { chargePointVendor: 'v', chargePointModel: 'm' };

describe('a CALL', () => {
  const result = { station: 'CP-1', outcome: 'result' };

  it('is a span, which its events name and which ends with the answer', async () => {
    const { tracer, spans } = memoryTracer();
    const engine = testEngine({}, undefined, { tracer });
    const station = await engine.open();
    await station.call('m1', 'BootNotification', BOOT);
    await station.call('m2', 'MeterValues', METER);
    expect(spans).toEqual([
      { name: 'ocpp BootNotification', parent: undefined, traceparent: 'trace-0', ended: result },
      { name: 'ocpp MeterValues', parent: undefined, traceparent: 'trace-1', ended: result },
    ]);
    const events = await engine.events();
    expect(events.find(({ type }) => type === 'StationBooted')?.meta.trace).toBe('trace-0');
    expect(events.find(({ type }) => type === 'MeterSampled')?.meta.trace).toBe('trace-1');
  });
  it('lasts until its events are durable', async () => {
    const { tracer, spans } = memoryTracer();
    let stored: () => void = () => {};
    const engine = testEngine(
      {},
      (bus) => ({
        ...bus,
        async publish(events) {
          const published = await bus.publish(events);
          if (events[0]?.type === 'StationBooted') await new Promise<void>((resolve) => (stored = resolve));
          return published;
        },
      }),
      { tracer },
    );
    const station = await engine.open();
    await station.call('m1', 'BootNotification', BOOT);
    expect(spans[0]?.ended).toBeUndefined();
    stored();
    await settle();
    expect(spans[0]?.ended).toEqual(result);
  });

  it('is named by nothing that a peer made up', async () => {
    const { tracer, spans } = memoryTracer();
    const station = await testEngine({}, undefined, { tracer }).open();
    await station.call('m1', 'MakeCoffee', {});
    expect(spans).toMatchObject([{ name: 'ocpp other', ended: { outcome: 'error' } }]);
  });

  it('ends as unstored or unanswered too', async () => {
    const { tracer, spans } = memoryTracer();
    const engine = testEngine(
      {},
      (bus) => ({
        ...bus,
        publish: (events) =>
          events[0]?.type === 'StationBooted'
            ? Promise.reject(new PortError('UNAVAILABLE', 'no broker'))
            : events[0]?.type === 'MeterSampled'
              ? new Promise(() => {})
              : bus.publish(events),
      }),
      { tracer },
    );
    const station = await engine.open();
    await station.call('m1', 'BootNotification', BOOT);
    expect(spans[0]?.ended).toMatchObject({ outcome: 'unstored' });
    // The first is being stored for ever; the second waits behind it.
    await station.call('m2', 'MeterValues', METER);
    await station.call('m3', 'MeterValues', METER);
    station.connection.onClosed(1006, '');
    expect(spans.map(({ ended }) => ended?.outcome)).toEqual(['unstored', undefined, 'unanswered']);
  });
});

describe('a call to a station', () => {
  it('is a span in the trace that led to it, which its answer names', async () => {
    const { tracer, spans } = memoryTracer();
    const engine = testEngine({}, undefined, { tracer });
    const station = await engine.open();
    await engine.publish(callRequested('c1'), 'c1', 'trace-of-decision');
    expect(spans).toEqual([
      { name: 'ocpp call TriggerMessage', parent: 'trace-of-decision', traceparent: 'trace-0' },
    ]);
    await station.say('[3,"c1",{"status":"Accepted"}]');
    expect(spans[0]?.ended).toEqual({ station: 'CP-1', outcome: 'result' });
    const [answered] = await engine.events('CallAnswered');
    expect(answered?.meta.trace).toBe('trace-0');
  });

  it('ends when there is no answer', async () => {
    const { tracer, spans } = memoryTracer();
    const engine = testEngine({}, undefined, { tracer });
    await engine.publish(callRequested('c1'), 'c1');
    const station = await engine.open();
    await engine.publish(callRequested('c2'), 'c2');
    station.connection.onClosed(1006, '');
    expect(spans.map(({ ended }) => ended?.outcome)).toEqual(['unsent', 'lost']);
  });

  it('hands its trace on even where nothing is traced', async () => {
    const engine = testEngine();
    const station = await engine.open();
    await engine.publish(callRequested('c1'), 'c1', 'trace-of-decision');
    await station.say('[3,"c1",{"status":"Accepted"}]');
    await station.call('m1', 'BootNotification', BOOT);
    const events = await engine.events();
    expect(events.find(({ type }) => type === 'CallAnswered')?.meta.trace).toBe('trace-of-decision');
    expect(events.find(({ type }) => type === 'StationBooted')?.meta).not.toHaveProperty('trace');
  });
});
