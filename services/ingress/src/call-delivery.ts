// Calls on their way from the bus to the stations' connections, and their answers on the way back.
// Every call that is taken ends in one CallAnswered.

import { type Clock, siteId, type Tracer } from '@ampledger/kernel';
import type { Bus, RecordedEvent } from '@ampledger/ports';
import { type CallAnswer, callAnswered, type RequestedCall, requestedCall } from './call-answer.js';
import type { IngressOptions, Metrics, StationDirectory } from './contract.js';
import type { Desks } from './desk.js';
import { METRIC } from './metrics.js';
import type { Publisher } from './publisher.js';

export interface CallDelivery {
  answered(call: RequestedCall, answer: CallAnswer): void;
  readonly failed: Promise<never>;
  /** Takes no further calls. */
  close(): Promise<void>;
}

export function createCallDelivery(deps: {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly tracer: Tracer | undefined;
  readonly options: IngressOptions;
  readonly desks: Desks;
  readonly publisher: Publisher;
  readonly directory: StationDirectory;
}): CallDelivery {
  const { bus, clock, metrics, tracer, options, desks, publisher, directory } = deps;

  const subscription = bus.subscribe({ after: options.startAfter, types: ['CallRequested'] }, (events) => {
    for (const event of events) deliver(event);
  });
  function deliver(event: RecordedEvent): void {
    const call = requestedCall(event);
    if (call.data.epoch < (directory.commandEpoch?.(siteId(event.key)) ?? 0)) {
      metrics.count(METRIC.calls, { outcome: 'stale' });
      return;
    }
    const desk = desks.find(call.data.station);
    if (desk?.callsSeen.has(call.data.call)) return;
    desk?.callsSeen.set(call.data.call, true);
    if (desk?.live !== undefined) {
      const ageMs = clock.now() - event.meta.receivedAt;
      if (ageMs < call.data.timeoutS * 1000) desk.live.deliver(traced(call));
      else unsent(traced(call), 'the call came too late');
    } else if (options.answerUnconnected) {
      unsent(traced(call), 'the station is not connected');
    }
  }
  function traced(call: RequestedCall): RequestedCall {
    if (tracer === undefined) return call;
    return { ...call, span: tracer.start(`ocpp call ${call.data.action}`, call.trace) };
  }
  function unsent(call: RequestedCall, description: string): void {
    metrics.count(METRIC.calls, { outcome: 'unsent' });
    answered(call, { outcome: 'unsent', status: null, payload: null, description });
  }
  function answered(call: RequestedCall, answer: CallAnswer): void {
    call.span?.end({ station: call.data.station, outcome: answer.outcome });
    const bounds = { receivedAt: clock.now(), payloadMaxBytes: options.answerPayloadMaxBytes };
    void publisher.publish([callAnswered(call, answer, bounds)]);
  }
  return { answered, failed: subscription.failed, close: () => subscription.close() };
}
