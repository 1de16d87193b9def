// From the end of a call to the CallAnswered event that tells of it, with every part bounded.

import { type EventData, eventFor } from '@ampledger/domain';
import { deterministicId, type Span, siteId } from '@ampledger/kernel';
import type { NewEvent, RecordedEvent } from '@ampledger/ports';

/** A CallRequested event as it came from the bus. */
export interface RequestedCall {
  readonly eventId: string;
  readonly site: string;
  readonly data: EventData<'CallRequested'>;
  /** The trace that led to the call; its answer belongs to it, whether we trace or not. */
  readonly trace?: string;
  /** Where calls are traced. Ends with the answer. */
  readonly span?: Span;
}

export interface CallAnswer {
  readonly outcome: EventData<'CallAnswered'>['outcome'];
  readonly status: string | null;
  readonly payload: unknown;
  readonly description: string | null;
  readonly frame?: string;
}

// What is on the bus passed its schema when it was published.
export const requestedCall = (event: RecordedEvent): RequestedCall => ({
  eventId: event.id,
  site: event.key,
  data: event.data as EventData<'CallRequested'>,
  ...(event.meta.trace === undefined ? {} : { trace: event.meta.trace }),
});

export function callAnswered(
  call: RequestedCall,
  answer: CallAnswer,
  bounds: { readonly receivedAt: number; readonly payloadMaxBytes: number },
): NewEvent {
  const { station, call: id } = call.data;
  const payload = keptPayload(answer.payload, bounds.payloadMaxBytes);
  const event = eventFor({
    event: {
      type: 'CallAnswered',
      data: {
        station,
        call: id,
        outcome: answer.outcome,
        status: answer.status?.slice(0, 64) ?? null,
        payload: payload.value,
        description: (payload.dropped ?? answer.description)?.slice(0, 500) ?? null,
      },
    },
    site: siteId(call.site),
    receivedAt: bounds.receivedAt,
    idParts: ['answer', id],
    causationId: call.eventId,
    correlationId: id,
    trace: call.span?.traceparent ?? call.trace,
    ...(answer.frame === undefined ? {} : { frame: answer.frame.slice(0, bounds.payloadMaxBytes) }),
  });
  // The call's id alone names its answer, whichever site the station is in by now.
  return { ...event, id: deterministicId('answer', id) };
}

type Payload = EventData<'CallAnswered'>['payload'];

function keptPayload(
  payload: unknown,
  maxBytes: number,
): { readonly value: Payload; readonly dropped?: string } {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return { value: null };
  const bytes = Buffer.byteLength(JSON.stringify(payload));
  if (bytes > maxBytes) return { value: null, dropped: `an answer of ${bytes} bytes was not kept` };
  return { value: payload as Payload };
}
