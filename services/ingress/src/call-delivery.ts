// Calls on their way from the bus to the stations' connections, and their answers on the way back.
// Every call that is taken ends in one CallAnswered.

import { type Clock, siteId } from '@ampledger/kernel';
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
  readonly options: IngressOptions;
  readonly desks: Desks;
  readonly publisher: Publisher;
  readonly directory: StationDirectory;
}): CallDelivery {
  const { bus, clock, metrics, options, desks, publisher, directory } = deps;

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
      if (ageMs < call.data.timeoutS * 1000) desk.live.deliver(call);
      else unsent(call, 'the call came too late');
    } else if (options.answerUnconnected) {
      unsent(call, 'the station is not connected');
    }
  }
  function unsent(call: RequestedCall, description: string): void {
    metrics.count(METRIC.calls, { outcome: 'unsent' });
    answered(call, { outcome: 'unsent', status: null, payload: null, description });
  }
  function answered(call: RequestedCall, answer: CallAnswer): void {
    const bounds = { receivedAt: clock.now(), payloadMaxBytes: options.answerPayloadMaxBytes };
    void publisher.publish([callAnswered(call, answer, bounds)]);
  }
  return { answered, failed: subscription.failed, close: () => subscription.close() };
}
