// The command service's shell. For each site it decides on a state that has all of its own earlier
// decisions in it, publishes, and waits until they are folded before it decides again: two raises
// can never be made from the same room.

import { type DomainEvent, type EventData, eventFor, type Protocol } from '@ampledger/domain';
import type { Clock, ConnectorKey, SiteId, StationId, Timer, Tracer } from '@ampledger/kernel';
import { CodedError, connectorKey, NO_TRACES, splitConnectorKey } from '@ampledger/kernel';
import { readCapabilities } from '@ampledger/ocpp';
import type { Bus, NewEvent, RecordedEvent } from '@ampledger/ports';
import { type Claims, type Projection, SOLE_OWNER } from '@ampledger/projection';
import { callEvent } from './calls.js';
import { decide } from './decide.js';
import { obedience } from './obedience.js';

export interface CommandDeps {
  readonly bus: Bus;
  readonly projection: Projection;
  readonly clock: Clock;
  /** Default: this process is the only one. */
  readonly claims?: Claims;
  readonly tracer?: Tracer;
}

export interface CommandService {
  /** Rejects when publishing fails: the process should then end. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** Reading calls that may be on their way. */
const READING_KEPT = 100_000;
/** The longest time between two looks at a site. */
const LOOK_MS = 60_000;

interface Desk {
  timer: Timer | null;
  timerAt: number;
  running: Promise<void> | null;
  again: boolean;
  /** Stations to look at in the next decision; null: all of them. */
  touched: Set<StationId> | null;
  /** When to look at a station though nothing happens. */
  readonly due: Map<StationId, number>;
  lookAllAt: number;
  /** Observations to publish with the next decision, and what led to it. */
  noted: {
    readonly event: DomainEvent;
    readonly causationId: string;
    readonly idParts: readonly (string | number)[];
  }[];
  cause: { readonly id: string; readonly trace: string | undefined } | undefined;
}

/** A log that cannot take events at the moment is asked again after this. */
const PUBLISH_RETRY_MS = 1_000;

const mayRetry = (error: unknown): boolean => error instanceof CodedError && error.canRetry;

/** Raises that found no room are looked at again after this, also when nothing happens. */
const ROOM_RETRY_MS = 5_000;

/** Events after which there may be something to command to the whole site, or to their station. */
const CONCERNS_ALL: ReadonlySet<string> = new Set(['SiteConfigured', 'EngineStarted']);
const CONCERNS_STATION: ReadonlySet<string> = new Set([
  'StationConnected',
  'StationDisconnected',
  'StationBooted',
  'StationCapabilitiesRead',
  'SessionStarted',
  'SessionEnded',
  'OperatorCallRequested',
  'CallAnswered',
]);

export function startCommandService(deps: CommandDeps): CommandService {
  const { bus, projection, clock, claims = SOLE_OWNER, tracer = NO_TRACES } = deps;
  const desks = new Map<SiteId, Desk>();
  /** Our own reading calls by id, the newest: their answers may tell what the station can do. */
  const reading = new Map<string, { action: string; protocol: Protocol }>();
  let closed = false;
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);

  function deskOf(site: SiteId): Desk {
    const known = desks.get(site);
    if (known) return known;
    const made: Desk = {
      timer: null,
      timerAt: 0,
      running: null,
      again: false,
      touched: null,
      due: new Map(),
      lookAllAt: 0,
      noted: [],
      cause: undefined,
    };
    desks.set(site, made);
    return made;
  }

  function wake(site: SiteId): void {
    const desk = deskOf(site);
    desk.again = true;
    if (closed || desk.running !== null) return;
    desk.running = work(site, desk)
      .catch((error: unknown) => {
        if (!mayRetry(error)) return fail(error);
        // Decided again, from a state that has what may have been published after all: never twice
        // from the same room.
        claims.doubt(site);
        schedule(site, desk, clock.now() + PUBLISH_RETRY_MS);
        desk.touched = null;
        desk.again = false;
      })
      .finally(() => {
        desk.running = null;
        if (desk.again) wake(site);
      });
  }

  async function work(site: SiteId, desk: Desk): Promise<void> {
    while (desk.again && !closed) {
      desk.again = false;
      if (projection.state(site) === undefined) return;
      await claims.claim(site);
      const state = projection.state(site);
      if (state === undefined || closed) return;
      const now = clock.now();
      // Asked of the very state that is decided on: one that another claims carries the other's epoch.
      if (!claims.holds(site)) return giveWay(site, desk);
      if (desk.noted.length > 0) {
        // What was observed is folded before anything is decided: a raise must know of it.
        desk.again = true;
        const notes = desk.noted.slice();
        await publish(notes.map((note) => eventFor({ ...note, site, receivedAt: now })));
        desk.noted.splice(0, notes.length);
        continue;
      }
      const decision = decide(state, now, lookAt(desk, now));
      for (const [station, at] of decision.wakeAt) desk.due.set(station, at);
      const context = { state, now, room: decision.room };
      const calls = decision.planned.flatMap((planned) => callEvent(planned, context) ?? []);
      remember(calls, site);
      schedule(site, desk, nextDue(desk, now));
      if (calls.length === 0) continue;
      desk.again = true;
      const span = tracer.start('command', desk.cause?.trace);
      const trace = span.traceparent ?? desk.cause?.trace;
      await publish(
        calls.map((event) =>
          eventFor({
            event,
            site,
            receivedAt: now,
            idParts: callParts(event),
            trace,
            ...causeOf(event, desk),
          }),
        ),
      ).finally(() => span.end({ site, calls: calls.length }));
    }
  }

  /** Another decides for the site. It is asked for again at the next look, when it may be ours again. */
  function giveWay(site: SiteId, desk: Desk): void {
    desk.noted = [];
    desk.touched = null;
    schedule(site, desk, clock.now() + LOOK_MS);
  }

  /** Resolves when the events are in the state that the next decision is made on. */
  async function publish(events: readonly NewEvent[]): Promise<void> {
    const published = await bus.publish(events);
    await projection.reached(Math.max(...published.map(({ position }) => position)));
  }

  /** Whom to look at now: those touched, and those whose time has come or who wait for room. */
  function lookAt(desk: Desk, now: number): ReadonlySet<StationId> | undefined {
    const touched = desk.touched;
    desk.touched = new Set();
    if (touched === null || now >= desk.lookAllAt) {
      desk.lookAllAt = now + LOOK_MS;
      desk.due.clear();
      return undefined;
    }
    for (const [station, at] of desk.due) {
      if (at > now) continue;
      desk.due.delete(station);
      touched.add(station);
    }
    return touched;
  }

  function nextDue(desk: Desk, now: number): number {
    let next = desk.lookAllAt;
    for (const at of desk.due.values()) next = Math.min(next, at <= now ? now + ROOM_RETRY_MS : at);
    return next;
  }

  function causeOf(event: DomainEvent, desk: Desk): { causationId?: string; correlationId?: string } {
    const correlation = 'call' in event.data ? { correlationId: event.data.call } : {};
    return desk.cause === undefined ? correlation : { ...correlation, causationId: desk.cause.id };
  }

  function remember(events: readonly DomainEvent[], site: SiteId): void {
    for (const event of events) {
      if (event.type !== 'CallRequested' || event.data.by !== 'engine') continue;
      if (event.data.grants.length > 0) continue;
      const protocol = projection.state(site)?.stations.get(event.data.station)?.protocol;
      if (protocol) reading.set(event.data.call, { action: event.data.action, protocol });
    }
    // A call whose ingress process died is never answered.
    for (const call of reading.keys()) {
      if (reading.size <= READING_KEPT) break;
      reading.delete(call);
    }
  }

  function schedule(site: SiteId, desk: Desk, at: number): void {
    if (closed || (desk.timer !== null && desk.timerAt <= at && desk.timerAt > clock.now())) return;
    desk.timer?.cancel();
    desk.timerAt = at;
    desk.timer = clock.after(Math.max(1, at - clock.now()), () => {
      desk.timer = null;
      wake(site);
    });
  }

  /** What an answer tells of the station's abilities. */
  function noteCapabilities(event: RecordedEvent, desk: Desk): void {
    const data = event.data as Extract<DomainEvent, { type: 'CallAnswered' }>['data'];
    const asked = reading.get(data.call);
    reading.delete(data.call);
    if (asked === undefined || data.outcome !== 'result' || data.payload === null) return;
    const capabilities = readCapabilities(asked.protocol, asked.action, data.payload);
    if (capabilities === null) return;
    const known: DomainEvent = {
      type: 'StationCapabilitiesRead',
      data: { station: data.station, ...capabilities },
    };
    desk.noted.push({ event: known, causationId: event.id, idParts: [data.call] });
  }

  function noteObedience(event: RecordedEvent, desk: Desk): boolean {
    const { station, evseId } = event.data as { station: StationId; evseId: number };
    const state = projection.state(event.key as SiteId);
    const key: ConnectorKey = connectorKey(station, evseId);
    const found = state === undefined ? null : obedience(state, key);
    if (
      found === null ||
      desk.noted.some((note) => note.event.type === found.type && subject(note.event) === key)
    )
      return false;
    desk.noted.push({ event: found, causationId: event.id, idParts: [event.id] });
    return true;
  }

  /** Marks whom the event concerns; false when it is nothing to act on. */
  function touch(event: RecordedEvent, desk: Desk): boolean {
    if (CONCERNS_ALL.has(event.type)) {
      desk.touched = null;
    } else if (CONCERNS_STATION.has(event.type)) {
      desk.touched?.add((event.data as { station: StationId }).station);
    } else if (event.type === 'LimitsAllocated') {
      const { allocations } = event.data as EventData<'LimitsAllocated'>;
      for (const { connector } of allocations) desk.touched?.add(splitConnectorKey(connector).stationId);
    } else {
      return event.type === 'MeterSampled' && noteObedience(event, desk);
    }
    return true;
  }

  function onBatch(events: readonly RecordedEvent[]): void {
    const woken = new Set<SiteId>();
    for (const event of events) {
      const site = event.key as SiteId;
      const desk = deskOf(site);
      if (event.type === 'CallAnswered') noteCapabilities(event, desk);
      if (!touch(event, desk)) continue;
      desk.cause = { id: event.id, trace: event.meta.trace };
      woken.add(site);
    }
    for (const site of woken) wake(site);
  }

  const stop = projection.onBatch(onBatch);
  for (const site of projection.siteIds()) wake(site);
  return {
    failed,
    async close() {
      closed = true;
      stop();
      for (const { timer } of desks.values()) timer?.cancel();
      await Promise.all([...desks.values()].map(({ running }) => running));
    },
  };
}

const callParts = (event: DomainEvent): readonly string[] => ('call' in event.data ? [event.data.call] : []);
const subject = (event: DomainEvent): string => ('connector' in event.data ? event.data.connector : '');
