// A small central system in memory for the tests: answers every call at once, checks every frame of
// the station against the Open Charge Alliance's schemas, and keeps what it heard.

import { type Clock, VirtualClock } from '@ampledger/kernel';
import standardValidators from 'ocpp-rpc/lib/standard-validators.js';
import type { Dial, LinkHandlers } from './link.js';
import { createRandom } from './random.js';
import { createSimulatedStation } from './station.js';
import type { SimulatedStation, StationEvent, StationOptions } from './station-options.js';

export interface Heard {
  readonly at: number;
  readonly connection: number;
  readonly id: string;
  readonly action: string;
  readonly payload: Record<string, unknown>;
}

export interface CallOutcome {
  readonly at: number;
  readonly payload?: Record<string, unknown>;
  readonly error?: string;
}

export type AnswerCall = (call: Heard) => Record<string, unknown> | null | undefined;

export interface CentralSystem {
  readonly dial: Dial;
  readonly heard: Heard[];
  readonly closes: { readonly at: number; readonly connection: number }[];
  /** Frames that fail the schemas. */
  readonly invalid: string[];
  readonly connections: number;
  /** Refuses connections, as a network that is down. */
  reachable: boolean;
  /** Sends a call on the newest connection; the promise waits for the answer. */
  call(action: string, payload: unknown): Promise<CallOutcome>;
  sendText(text: string): void;
  of(action: string): readonly Heard[];
  dropConnection(): void;
  readonly errors: unknown[][];
}

interface Validator {
  readonly subprotocol: string;
  validate(schema: string, payload: unknown): unknown;
}

// The package's types announce a default export; the module is the list itself.
const validators = standardValidators as unknown as readonly Validator[];

/** Why the payload is against its schema, or null. */
function faultIn(protocol: string, schema: string, payload: unknown): string | null {
  try {
    validators.find((one) => one.subprotocol === protocol)?.validate(schema, payload);
    return null;
  } catch (error) {
    return `${schema}: ${String(error)} in ${JSON.stringify(payload)}`;
  }
}

/** What a patient central system says. */
function usualAnswer(clock: Clock, call: Heard, nextTransaction: () => number): Record<string, unknown> {
  const currentTime = new Date(clock.now()).toISOString();
  switch (call.action) {
    case 'BootNotification':
      return { status: 'Accepted', currentTime, interval: 300 };
    case 'Heartbeat':
      return { currentTime };
    case 'Authorize':
      return 'idTag' in call.payload
        ? { idTagInfo: { status: 'Accepted' } }
        : { idTokenInfo: { status: 'Accepted' } };
    case 'StartTransaction':
      return { transactionId: nextTransaction(), idTagInfo: { status: 'Accepted' } };
    default:
      return {};
  }
}

export function createCentralSystem(
  clock: Clock,
  protocol: 'ocpp1.6' | 'ocpp2.0.1',
  answer: AnswerCall = () => undefined,
): CentralSystem {
  const waiting = new Map<string, { action: string; resolve: (outcome: CallOutcome) => void }>();
  const heard: Heard[] = [];
  const closes: { at: number; connection: number }[] = [];
  const invalid: string[] = [];
  const errors: unknown[][] = [];
  let connections = 0;
  let calls = 0;
  let transactions = 0;
  let current: LinkHandlers | null = null;

  const deliver = (to: LinkHandlers, text: string) => clock.after(0, () => to.onMessage(text));

  const onCall = (frame: unknown[], from: LinkHandlers, connection: number): void => {
    const call: Heard = {
      at: clock.now(),
      connection,
      id: String(frame[1]),
      action: String(frame[2]),
      payload: frame[3] as Record<string, unknown>,
    };
    const fault = faultIn(protocol, `urn:${call.action}.req`, call.payload);
    if (fault !== null) invalid.push(fault);
    heard.push(call);
    const special = answer(call);
    if (special === null) return;
    deliver(from, JSON.stringify([3, call.id, special ?? usualAnswer(clock, call, () => ++transactions)]));
  };

  const onAnswer = (frame: unknown[]): void => {
    const pending = waiting.get(String(frame[1]));
    waiting.delete(String(frame[1]));
    if (frame[0] === 4) {
      errors.push(frame);
      pending?.resolve({ at: clock.now(), error: String(frame[2]) });
      return;
    }
    if (pending === undefined) return;
    const fault = faultIn(protocol, `urn:${pending.action}.conf`, frame[2]);
    if (fault !== null) invalid.push(fault);
    pending.resolve({ at: clock.now(), payload: frame[2] as Record<string, unknown> });
  };

  const system: CentralSystem = {
    heard,
    closes,
    invalid,
    errors,
    reachable: true,
    get connections() {
      return connections;
    },
    dial: (_station, handlers) => {
      const connection = ++connections;
      let open = system.reachable;
      current = handlers;
      clock.after(0, () => (open ? handlers.onOpen() : handlers.onClose(1006, 'unreachable')));
      return {
        send: (text) => {
          if (!open) return;
          const frame = JSON.parse(text) as unknown[];
          if (frame[0] === 2) onCall(frame, handlers, connection);
          else onAnswer(frame);
        },
        close: () => {
          open = false;
          closes.push({ at: clock.now(), connection });
        },
      };
    },
    call: (action, payload) =>
      new Promise((resolve) => {
        const frame = [2, `cs-${++calls}`, action, payload];
        waiting.set(`cs-${calls}`, { action, resolve });
        if (current !== null) deliver(current, JSON.stringify(frame));
      }),
    sendText: (text) => {
      if (current !== null) deliver(current, text);
    },
    of: (action) => heard.filter((call) => call.action === action),
    dropConnection: () => current?.onClose(1006, 'network'),
  };
  return system;
}

export const START = Date.parse('2026-03-02T08:00:00Z');

export interface Bench {
  readonly clock: VirtualClock;
  readonly system: CentralSystem;
  readonly station: SimulatedStation;
  readonly events: StationEvent[];
  /** Calls the station and gives it `waitMs` to answer. */
  ask(action: string, payload: unknown, waitMs?: number): Promise<CallOutcome>;
}

/** One station with one three-phase outlet, on a virtual clock, before anything has happened. */
export function createBench(
  protocol: 'ocpp1.6' | 'ocpp2.0.1',
  options: Partial<StationOptions> = {},
  answer?: AnswerCall,
): Bench {
  const clock = new VirtualClock(START);
  const system = createCentralSystem(clock, protocol, answer);
  const station = createSimulatedStation({
    id: 'st-1',
    protocol,
    connectors: [{ evseId: 1, phases: [0, 1, 2], maxA: 32 }],
    voltageV: 230,
    clock,
    random: createRandom(7),
    dial: system.dial,
    meterIntervalS: 60,
    ...options,
  });
  const events: StationEvent[] = [];
  station.subscribe((event) => events.push(event));
  const ask = async (action: string, payload: unknown, waitMs = 1) => {
    const outcome = system.call(action, payload);
    await clock.advance(waitMs);
    const none: CallOutcome = { at: clock.now(), error: 'NO ANSWER' };
    return Promise.race([outcome, Promise.resolve().then(() => none)]);
  };
  return { clock, system, station, events, ask };
}
