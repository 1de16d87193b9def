// The stations' own record of what they were answered: every transaction message that got its
// CALLRESULT, by what makes it that message and no other, whatever message id it went out under.

import type { EventWire } from '@ampledger/api';

export interface AnsweredLedger {
  /** A frame on the wire, as the simulated stations report it. */
  onFrame(line: { readonly station: string; readonly way: 'in' | 'out'; readonly text: string }): void;
  readonly answered: ReadonlySet<string>;
}

type Payload = Readonly<Record<string, unknown>>;

const about = (value: unknown): Payload =>
  typeof value === 'object' && value !== null ? (value as Payload) : {};

/** undefined for what is no message about a transaction. */
function keyOf(station: string, action: string, payload: Payload): string | undefined {
  switch (action) {
    case 'StartTransaction':
      return `${station} start ${payload.connectorId} ${payload.timestamp} ${payload.meterStart}`;
    case 'StopTransaction':
      return `${station} stop ${payload.transactionId} ${payload.timestamp} ${payload.meterStop}`;
    case 'MeterValues': {
      const [first] = (payload.meterValue ?? []) as readonly { timestamp?: string }[];
      return `${station} meter ${payload.connectorId ?? payload.evseId} ${payload.transactionId} ${first?.timestamp}`;
    }
    case 'TransactionEvent':
      return `${station} event ${about(payload.transactionInfo).transactionId} ${payload.seqNo}`;
    default:
      return undefined;
  }
}

export function createAnsweredLedger(): AnsweredLedger {
  const waiting = new Map<string, string>();
  const answered = new Set<string>();
  return {
    answered,
    onFrame({ station, way, text }) {
      const frame = JSON.parse(text) as readonly unknown[];
      const place = `${station} ${String(frame[1])}`;
      if (way === 'out' && frame[0] === 2) {
        const key = keyOf(station, String(frame[2]), about(frame[3]));
        if (key !== undefined) waiting.set(place, key);
      }
      if (way !== 'in') return;
      const key = waiting.get(place);
      waiting.delete(place);
      if (key !== undefined && frame[0] === 3) answered.add(key);
    },
  };
}

/** The same keys, from the frames that the log kept. */
export function keysInLog(events: Iterable<EventWire>): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const { frame, data } of events) {
    if (frame === null || typeof data.station !== 'string') continue;
    const [kind, , action, payload] = JSON.parse(frame) as readonly unknown[];
    const key = kind === 2 ? keyOf(data.station, String(action), about(payload)) : undefined;
    if (key !== undefined) keys.add(key);
  }
  return keys;
}
