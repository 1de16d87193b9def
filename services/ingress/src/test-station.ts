// For the tests: a site with stations, and stations that speak to the core through sockets in memory.

import {
  DEFAULT_CONNECTOR,
  type DomainEvent,
  eventFor,
  type Protocol,
  type StationConfig,
} from '@ampledger/domain';
import { siteOf } from '@ampledger/domain/testing';
import {
  NO_TRACES,
  nodeId,
  type SiteId,
  type StationId,
  settle,
  siteId,
  stationId,
  VirtualClock,
} from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import type { Bus, RecordedEvent } from '@ampledger/ports';
import type {
  Connection,
  Ingress,
  IngressOptions,
  Logger,
  StationDirectory,
  StationSocket,
} from './contract.js';
import { createIngress } from './ingress.js';

export const SITE: SiteId = siteId('garage');
export const CP1: StationId = stationId('CP-1');
export const START_AT = Date.parse('2026-03-01T08:00:00Z');

export const stationConfig = (id: StationId, passwordHash: string | null = null): StationConfig => ({
  id,
  node: nodeId('grid'),
  passwordHash,
  connectors: [1, 2].map((evseId) => ({
    ...DEFAULT_CONNECTOR,
    evseId,
    phases: [0, 1, 2],
    wiredPhases: 3,
    minA: 6,
    maxA: 32,
    priority: 1,
    weight: 1,
    fallbackA: 6,
    idleA: 6,
  })),
});

export function directoryOf(
  configs: readonly StationConfig[],
): StationDirectory & { delete(id: StationId): void } {
  const nodes = siteOf({ nodes: [{ id: 'grid', limitA: 100 }], stations: [] });
  const siteConfig = { ...nodes, id: SITE, stations: configs };
  const places = new Map(
    configs.map((config) => [config.id, { site: SITE, config, siteConfig, openSessions: [] }]),
  );
  return { find: (id) => places.get(id), delete: (id) => void places.delete(id) };
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

export function memoryLogger(): { readonly log: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: LogLine['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields, message });
  return { log: { info: at('info'), warn: at('warn'), error: at('error') }, lines };
}

/** The wire in memory, seen from the station. */
export class MemorySocket implements StationSocket {
  readonly sent: string[] = [];
  pings = 0;
  bufferedAmount = 0;
  isPaused = false;
  onPing: () => void = () => {};
  closed: { readonly code: number; readonly reason: string } | undefined;

  send(text: string): void {
    this.sent.push(text);
  }
  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
  }
  terminate(): void {
    this.closed ??= { code: 1006, reason: 'terminated' };
  }
  ping(): void {
    this.pings += 1;
    this.onPing();
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  /** The frames that came, the last first when negative. */
  frame(index: number): unknown {
    const text = this.sent.at(index);
    return text === undefined ? undefined : JSON.parse(text);
  }
}

export interface TestStation {
  readonly socket: MemorySocket;
  readonly connection: Connection;
  /** Sends a CALL and lets everything that follows at once happen. */
  call(id: string, action: string, payload: unknown): Promise<unknown>;
  say(text: string): Promise<void>;
}

export interface TestEngine {
  readonly clock: VirtualClock;
  readonly ingress: Ingress;
  readonly bus: Bus;
  readonly directory: ReturnType<typeof directoryOf>;
  readonly lines: readonly LogLine[];
  events(type?: string): Promise<readonly RecordedEvent[]>;
  open(protocol?: Protocol, id?: StationId): Promise<TestStation>;
  publish(event: DomainEvent, id: string, trace?: string): Promise<void>;
}

export const DC1: StationId = stationId('DC-1');
const dcStation: StationConfig = {
  ...stationConfig(DC1),
  connectors: stationConfig(DC1).connectors.map((connector) => ({
    ...connector,
    current: 'dc',
    efficiency: 0.9,
  })),
};

/** An engine on a virtual clock; `wrap` stands between ingress and the log. */
export function testEngine(
  options: Partial<IngressOptions> = {},
  wrap: (bus: Bus) => Bus = (bus) => bus,
  { memory = createMemoryLog(), commandEpoch = (): number => 0, tracer = NO_TRACES } = {},
): TestEngine {
  const clock = new VirtualClock(START_AT);
  const directory = {
    ...directoryOf([stationConfig(CP1), stationConfig(stationId('CP-2')), dcStation]),
    commandEpoch,
  };
  const { log, lines } = memoryLogger();
  const bus = wrap(memory.bus);
  const ingress = createIngress({
    bus,
    directory,
    clock,
    pseudonymKey: Buffer.alloc(32, 7),
    log,
    tracer,
    options,
  });
  return {
    clock,
    ingress,
    bus: memory.bus,
    directory,
    lines,
    async events(type) {
      await settle();
      const all: RecordedEvent[] = [];
      for await (const page of memory.store.readAll()) all.push(...page);
      return type === undefined ? all : all.filter((event) => event.type === type);
    },
    async open(protocol = 'ocpp1.6', id = CP1) {
      const socket = new MemorySocket();
      const connected = await ingress.connect({ station: id, protocol, remote: '192.0.2.1', socket });
      if (!connected.ok) throw new Error(`refused: ${connected.error.reason}`);
      await settle();
      return testStation(socket, connected.value);
    },
    async publish(event, id, trace) {
      const receivedAt = clock.now();
      await memory.bus.publish([eventFor({ event, site: SITE, receivedAt, idParts: [id], trace })]);
      await settle();
    },
  };
}

function testStation(socket: MemorySocket, connection: Connection): TestStation {
  const say = async (text: string): Promise<void> => {
    connection.onMessage(text);
    await settle();
  };
  return {
    socket,
    connection,
    say,
    async call(id, action, payload) {
      await say(JSON.stringify([2, id, action, payload]));
      return socket.frame(-1);
    },
  };
}

export const callRequested = (
  call: string,
  {
    action = 'TriggerMessage',
    payload = { requestedMessage: 'Heartbeat' },
    timeoutS = 30,
    station = CP1,
  } = {},
): DomainEvent => ({
  type: 'CallRequested',
  data: {
    station,
    call,
    action,
    payload,
    grants: [],
    clears: [],
    by: 'engine',
    basis: 0,
    epoch: 0,
    timeoutS,
  },
});
