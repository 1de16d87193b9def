// Calls on their way from the bus to the stations' connections, and their answers on the way back.
// Every call that is taken ends in one CallAnswered. Where several processes share the stations, a call
// belongs to the connection that was the newest on record before it: one that came later must neither
// send it again nor say that it was not sent, for another process may have sent it.

import type { EventData } from '@ampledger/domain';
import { type Clock, siteId, type Tracer } from '@ampledger/kernel';
import type { Bus, RecordedEvent } from '@ampledger/ports';
import { type CallAnswer, callAnswered, type RequestedCall, requestedCall } from './call-answer.js';
import type { StationConnection } from './connection.js';
import type { IngressOptions, Metrics, StationDirectory } from './contract.js';
import type { Desks } from './desk.js';
import { METRIC } from './metrics.js';
import type { Publisher } from './publisher.js';
import { recordedConnection } from './superseded.js';

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

  // Both in one subscription: two would not keep the order between them.
  const types = options.answerUnconnected ? ['CallRequested'] : ['CallRequested', 'StationConnected'];
  const subscription = bus.subscribe({ after: options.startAfter, types }, (events) => {
    for (const event of events) {
      if (event.type === 'StationConnected') recordedConnection(desks, event);
      else deliver(event);
    }
  });
  function deliver(event: RecordedEvent): void {
    const call = requestedCall(event);
    const desk = desks.find(call.data.station);
    const live = desk?.live !== undefined && isIts(desk.live) ? desk.live : undefined;
    if (live === undefined && !options.answerUnconnected) return;
    if (desk?.callsSeen.has(call.data.call)) return;
    desk?.callsSeen.set(call.data.call, true);
    const ageMs = clock.now() - event.meta.receivedAt;
    if (isStale(event)) unsent(traced(call), 'somebody else decides for the site by now');
    else if (live === undefined) unsent(traced(call), 'the station is not connected');
    else if (ageMs < call.data.timeoutS * 1000) live.deliver(traced(call));
    else unsent(traced(call), 'the call came too late');
  }
  const isIts = (live: StationConnection): boolean => options.answerUnconnected || live.isOnRecord;
  /**
   * As of the fold, which may be ahead of the event: the fold counts a call that came just before a claim.
   * So a stale one is answered too; of one that the fold has ignored the answer changes nothing.
   */
  const isStale = ({ key, data }: RecordedEvent): boolean =>
    (data as EventData<'CallRequested'>).epoch < (directory.commandEpoch?.(siteId(key)) ?? 0);
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
