// Command services that believe to own the same site, on a bus that loses answers, stores late, answers
// late, and lets a reader fall behind. What counts is the log: whatever is granted in it is granted into
// room that is there, and in the end somebody decides.

import { type CommandService, startCommandService } from '@ampledger/command';
import {
  countedLoads,
  type DomainEvent,
  type EventData,
  eventFor,
  evolve,
  isStale,
  linkCapacities,
  type SiteState,
} from '@ampledger/domain';
import {
  answered,
  capable,
  configured,
  connected,
  ended,
  granted,
  key,
  SITE,
  siteOf,
  started,
  T0,
} from '@ampledger/domain/testing';
import { settle, sleep, VirtualClock } from '@ampledger/kernel';
import { createMemoryLog } from '@ampledger/memory-log';
import { decideLimits } from '@ampledger/optimizer';
import { type Bus, PortError, type RecordedEvent } from '@ampledger/ports';
import { type Claims, createClaims, type Projection, startProjection } from '@ampledger/projection';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const STATIONS = ['A', 'B', 'C', 'D'] as const;
const site = siteOf({
  nodes: [{ id: 'grid', limitA: 40 }],
  stations: STATIONS.map((id) => ({ id, node: 'grid', connectors: [{ fallbackA: 0 }] })),
  control: { leaseS: 60, raiseIntervalS: 0, minDwellS: 30, unseen: 'absent' },
});

type Fault = 'none' | 'lost-answer' | 'never' | 'late' | 'slow' | 'slow-answer' | 'twice';
const FAULTS: readonly Fault[] = ['none', 'lost-answer', 'never', 'late', 'slow', 'slow-answer', 'twice'];

const known = capable;

/** One process: its own reading of the log, and its own way to it. */
class Process {
  readonly #world: World;
  readonly bus: Bus;
  projection: Projection | undefined;
  fault: Fault = 'none';
  #reading: Promise<void> = Promise.resolve();
  #resume: () => void = () => {};
  #claims: Claims | undefined;
  #service: CommandService | undefined;
  #turn = 0;

  constructor(world: World) {
    this.#world = world;
    this.bus = {
      publish: (events) => this.#publish(events),
      subscribe: (options, handler) =>
        world.log.bus.subscribe(options, async (events) => {
          await this.#reading;
          await handler(events);
        }),
    };
  }

  async start(): Promise<void> {
    this.projection = await startProjection({ ...this.#world.log, bus: this.bus });
  }

  assign(): void {
    if (this.projection === undefined) return;
    this.revoke();
    const { clock } = this.#world;
    const { bus, projection } = this;
    const owner = `${this.#world.processes.indexOf(this)}/${this.#turn++}`;
    this.#claims = createClaims({ bus, projection, clock, role: 'command', owner, version: '1' });
    this.#service = startCommandService({ bus, projection, clock, claims: this.#claims });
    this.#service.failed.catch((error: unknown) => this.#world.failures.push(error));
  }

  revoke(): void {
    this.#claims?.close();
    void this.#service?.close();
    this.#claims = undefined;
    this.#service = undefined;
  }

  stall(): void {
    this.#resume();
    this.#reading = new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#resume();
  }

  async #publish(events: Parameters<Bus['publish']>[0]): ReturnType<Bus['publish']> {
    const { fault } = this;
    const { clock, log } = this.#world;
    const lost = new PortError('UNAVAILABLE', fault);
    if (fault === 'never') throw lost;
    if (fault === 'late') {
      clock.after(7_000, () => void log.bus.publish(events));
      throw lost;
    }
    if (fault === 'slow') await sleep(clock, 3_000);
    const published = await log.bus.publish(events);
    if (fault === 'twice') await log.bus.publish(events);
    if (fault === 'slow-answer') await sleep(clock, 3_000);
    if (fault === 'lost-answer') throw lost;
    return published;
  }
}

class World {
  readonly clock = new VirtualClock(T0 + 10_000);
  readonly log = createMemoryLog();
  readonly processes = [new Process(this), new Process(this)];
  readonly failures: unknown[] = [];
  readonly problems: string[] = [];
  readonly wire: EventData<'CallRequested'>[] = [];
  readonly running = new Map<string, string>();
  #state: SiteState | undefined;
  #count = 0;

  get state(): SiteState {
    if (this.#state === undefined) throw new Error('no site');
    return this.#state;
  }

  async start(): Promise<void> {
    this.log.bus.subscribe({ after: 0 }, (events) => {
      for (const event of events) this.#judge(event);
    });
    await this.tell(
      configured(site),
      ...STATIONS.flatMap((id) => [
        connected(id),
        ...granted(1, `idle ${id}`, { station: id, limitA: 0 }).map(([, event]) => event),
        known(id),
      ]),
    );
    for (const process of this.processes) await process.start();
  }

  async tell(...events: readonly DomainEvent[]): Promise<void> {
    const receivedAt = this.clock.now();
    await this.log.bus.publish(
      events.map((event) => eventFor({ event, site: SITE, receivedAt, idParts: ['told', this.#count++] })),
    );
    await settle();
  }

  /** What the log says, event by event: nothing that holds is granted beyond the limit. */
  #judge(event: RecordedEvent): void {
    const known = { type: event.type, data: event.data } as DomainEvent;
    const before = this.#state;
    const holds = known.type === 'CallRequested' && before && !isStale(before, 'command', known.data.epoch);
    const now = event.meta.receivedAt;
    const loadBefore = holds ? countedLoads(before, now).load.slice() : undefined;
    this.#state = evolve(before, event);
    if (!holds || loadBefore === undefined || known.type !== 'CallRequested') return;
    this.wire.push(known.data);
    const { ceiling } = linkCapacities(this.state, now);
    countedLoads(this.state, now).load.forEach((load, link) => {
      if (load > Math.max(ceiling[link] ?? 0, loadBefore[link] ?? 0) + 1e-6) {
        this.problems.push(`${load} of ${ceiling[link]} on link ${link} after ${event.position}`);
      }
    });
  }

  async allocate(): Promise<void> {
    const data = decideLimits(this.state, this.clock.now());
    if (data !== null) await this.tell({ type: 'LimitsAllocated', data });
  }

  async arriveOrLeave(index: number): Promise<void> {
    const id = STATIONS[index] ?? 'A';
    const transaction = this.running.get(id);
    if (transaction === undefined) {
      const next = String(this.#count++);
      this.running.set(id, next);
      return this.tell(started(id, next));
    }
    this.running.delete(id);
    return this.tell(ended(id, transaction));
  }

  async answer(status: 'Accepted' | 'Rejected'): Promise<void> {
    const sent = this.wire.shift();
    if (sent === undefined) return;
    await this.tell(answered(sent.station, sent.call, 'result', status));
  }
}

type Move =
  | { readonly kind: 'assign' | 'revoke' | 'stall' | 'resume'; readonly process: number }
  | { readonly kind: 'fault'; readonly process: number; readonly fault: Fault }
  | { readonly kind: 'car'; readonly station: number }
  | { readonly kind: 'answer'; readonly status: 'Accepted' | 'Rejected' }
  | { readonly kind: 'wait'; readonly seconds: number };

const process = fc.nat(1);
const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ kind: fc.constantFrom('assign', 'revoke', 'stall', 'resume'), process }),
  fc.record({ kind: fc.constant('fault'), process, fault: fc.constantFrom(...FAULTS) }),
  fc.record({ kind: fc.constant('car'), station: fc.nat(STATIONS.length - 1) }),
  fc.record({
    kind: fc.constant('answer'),
    status: fc.constantFrom('Accepted', 'Accepted', 'Accepted', 'Rejected'),
  }),
  fc.record({ kind: fc.constant('wait'), seconds: fc.constantFrom(1, 4, 10, 80) }),
) as fc.Arbitrary<Move>;

async function make(world: World, move: Move): Promise<void> {
  switch (move.kind) {
    case 'assign':
    case 'revoke':
    case 'stall':
    case 'resume':
      return world.processes[move.process]?.[move.kind]();
    case 'fault': {
      const faulty = world.processes[move.process];
      if (faulty) faulty.fault = move.fault;
      return;
    }
    case 'car':
      return world.arriveOrLeave(move.station);
    case 'answer':
      return world.answer(move.status);
    case 'wait':
      return world.clock.advance(move.seconds * 1_000);
  }
}

async function play(list: readonly Move[]): Promise<World> {
  const world = new World();
  await world.start();
  for (const one of world.processes) one.assign();
  for (const move of list) {
    await make(world, move);
    await world.allocate();
    await settle();
  }
  return world;
}

describe('two command services of one site', () => {
  it('never grant the same room twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(moves, { minLength: 5, maxLength: 60 }), async (list) => {
        const world = await play(list);
        await world.clock.advance(120_000);
        expect(world.problems).toEqual([]);
        expect(world.failures).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('leave the site with one that decides, once the other has given up and the bus is well', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(moves, { maxLength: 30 }), async (list) => {
        const world = await play([{ kind: 'assign', process: 0 }, ...list.filter(isOfTheOther)]);
        const [, other] = world.processes;
        for (const one of world.processes) {
          one.fault = 'none';
          one.resume();
        }
        other?.revoke();
        for (const [i, id] of STATIONS.entries()) if (!world.running.has(id)) await world.arriveOrLeave(i);
        for (let i = 0; i < 60; i++) {
          await world.clock.advance(5_000);
          await world.allocate();
          while (world.wire.length > 0) await world.answer('Accepted');
        }
        for (const id of STATIONS) {
          const held = world.state.connectors.get(key(id))?.ledger.session?.grant.limitA ?? 0;
          expect(held, id).toBeGreaterThanOrEqual(6);
        }
        expect(world.problems).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a command service', () => {
  it('decides nothing on a state in which the site is already another’s', async () => {
    const world = new World();
    await world.start();
    const { clock, log } = world;
    const projection = await startProjection(log);
    const claimsOf = (owner: string): Claims =>
      createClaims({ ...{ bus: log.bus, projection, clock, owner }, role: 'command', version: '1' });
    const ours = claimsOf('ours');
    const others = claimsOf('others');
    const claims: Claims = {
      ...ours,
      // The fold goes on between the answer and whoever waits for it.
      async claim(site) {
        const held = await ours.claim(site);
        await others.claim(site);
        return held;
      },
    };
    await world.arriveOrLeave(0);
    await world.allocate();
    const before = world.wire.length;
    const service = startCommandService({ bus: log.bus, projection, clock, claims });
    await settle();
    expect(world.state.owners.command).toEqual({ owner: 'others', epoch: 2 });
    expect(world.wire.slice(before)).toEqual([]);
    await service.close();
    await projection.close();
  });
});

/** The first process keeps its assignment, so that nothing makes it claim but its own mind. */
const isOfTheOther = (move: Move): boolean =>
  !((move.kind === 'assign' || move.kind === 'revoke') && move.process === 0);
