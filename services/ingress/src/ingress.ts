// The core of ingress: which station is connected by which socket.
// Guarantees: a connection is on record before anything is answered on it, and the end of one is on
// record before the start of the next.

import { type DomainEvent, eventFor, type Protocol } from '@ampledger/domain';
import {
  deterministicId,
  err,
  NO_TRACES,
  ok,
  type Result,
  type SiteId,
  type StationId,
} from '@ampledger/kernel';
import type { NewEvent } from '@ampledger/ports';
import { createAudit } from './audit.js';
import { createCallDelivery } from './call-delivery.js';
import { StationConnection } from './connection.js';
import type { Connection, Ingress, IngressDeps, Refusal, StationSocket } from './contract.js';
import { createDesks, type Desk } from './desk.js';
import { METRIC, NO_METRICS } from './metrics.js';
import { DEFAULT_OPTIONS } from './options.js';
import { createPseudonym } from './pseudonym.js';
import { createPublisher } from './publisher.js';
import { createSeating } from './seating.js';
import { createTextDigest } from './text-digest.js';

interface Newcomer {
  readonly station: StationId;
  readonly protocol: Protocol;
  readonly remote: string;
  readonly socket: StationSocket;
}

/** What the parts of one ingress share. */
function createParts(deps: IngressDeps) {
  const { bus, clock, directory, log, metrics = NO_METRICS } = deps;
  const options = { ...DEFAULT_OPTIONS, ...deps.options };
  const tracer = deps.tracer === NO_TRACES ? undefined : deps.tracer;
  const audit = createAudit({ clock, log, metrics });
  const publisher = createPublisher({ bus, clock, log, metrics });
  const desks = createDesks(clock, options);
  const calls = createCallDelivery({ bus, clock, metrics, tracer, options, desks, publisher, directory });
  const state = { connected: 0, taken: 0, isClosing: false };
  const seat = createSeating({
    directory,
    desks,
    probeTimeoutMs: options.probeTimeoutMs,
    isClosing: () => state.isClosing,
  });
  const core = { clock, directory, log, metrics, audit };
  return {
    core,
    bus,
    tracer,
    options,
    publisher,
    desks,
    calls,
    seat,
    state,
    pseudonym: createPseudonym(deps.pseudonymKey),
    textDigest: createTextDigest(deps.pseudonymKey),
  };
}
type Parts = ReturnType<typeof createParts>;

/** Puts a newcomer on its station's desk, which is free, and its start on record. */
function take(parts: Parts, newcomer: Newcomer, desk: Desk, site: SiteId): StationConnection {
  const { core, desks, options, publisher, state } = parts;
  const { clock, directory, metrics } = core;
  const { station, protocol, remote } = newcomer;
  const id = deterministicId('connection', options.instance, station, clock.now(), state.taken++);
  const told = (event: DomainEvent): NewEvent =>
    eventFor({ event, site: directory.find(station)?.site ?? site, receivedAt: clock.now(), idParts: [id] });

  // Named one by one: objects that are spread together differ in shape for every station, which
  // makes each look into them slow.
  const connection = new StationConnection({
    core,
    bus: parts.bus,
    tracer: parts.tracer,
    options,
    pseudonym: parts.pseudonym,
    textDigest: parts.textDigest,
    id,
    desk,
    protocol,
    socket: newcomer.socket,
    onAnswered: parts.calls.answered,
    onBusFailed: publisher.fail,
    onEnded(code, reason) {
      desk.live = undefined;
      desks.release(desk);
      metrics.gauge(METRIC.connections, --state.connected);
      const data = { station, connection: id, code, reason: reason.slice(0, 200) };
      const end = told({ type: 'StationDisconnected', data });
      desk.ended = onRecord.then((isOnRecord) => (isOnRecord ? publisher.publish([end]) : undefined));
    },
  });
  desk.live = connection;
  metrics.gauge(METRIC.connections, ++state.connected);
  metrics.count(METRIC.connects, { protocol });
  const data = { station, connection: id, protocol, remote: remote.slice(0, 100) };
  const start = told({ type: 'StationConnected', data });
  const onRecord = desk.ended.then(() => recordStart(parts, start, connection));
  return connection;
}

async function recordStart(
  { bus, core }: Parts,
  start: NewEvent,
  connection: StationConnection,
): Promise<boolean> {
  try {
    await bus.publish([start]);
  } catch (error) {
    core.log.error({ err: error }, 'a connection could not be recorded');
    connection.end(1011, 'try again later');
    return false;
  }
  connection.open();
  return true;
}

async function closeAll(parts: Parts): Promise<void> {
  const { calls, core, desks, options, publisher, state } = parts;
  state.isClosing = true;
  publisher.closing();
  const live = [...desks.live.values()];
  for (const desk of live) desk.live?.end(1001, 'the engine is closing');
  const done = Promise.all([calls.close(), ...live.map((desk) => desk.ended)]).then(() =>
    publisher.settled(),
  );
  await new Promise<void>((resolve) => {
    const timer = core.clock.after(options.closeTimeoutMs, resolve);
    void done.then(() => {
      timer.cancel();
      resolve();
    });
  });
}

export function createIngress(deps: IngressDeps): Ingress {
  const parts = createParts(deps);
  const { core, desks, seat, state } = parts;

  function refused(station: StationId, refusal: Refusal): Result<never, Refusal> {
    core.metrics.count(METRIC.refusals, { reason: refusal.reason });
    if (refusal.reason === 'duplicate') core.audit({ kind: 'DuplicateConnection', station });
    return err(refusal);
  }
  return {
    ...core,
    async admit(station) {
      const refusal = await seat(station, () => {});
      return refusal === undefined ? ok(true) : refused(station, refusal);
    },
    async connect(newcomer) {
      let connection: Connection | undefined;
      const refusal = await seat(newcomer.station, (desk, site) => {
        connection = take(parts, newcomer, desk, site);
      });
      if (connection !== undefined) return ok(connection);
      return refused(newcomer.station, refusal ?? { reason: 'closing' });
    },
    connectionCount: () => state.connected,
    isConnected: (station) => desks.find(station)?.live !== undefined,
    failed: Promise.race([parts.publisher.failed, parts.calls.failed]),
    close: () => closeAll(parts),
  };
}
