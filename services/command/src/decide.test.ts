// The ledger against stations that do whatever a network lets them do: calls lost on the way there
// or on the way back, answered late or never, refused, connections that break. The stations here
// keep their own truth; the engine sees only what it would be told.

import {
  countedLoads,
  type DomainEvent,
  type Grant,
  LATE_ACT_MS,
  ledgerInput,
  linkCapacities,
  mayHoldA,
  type SiteState,
  topologyOf,
} from '@ampledger/domain';
import {
  answered,
  at,
  capable,
  commissioned,
  configured,
  connected,
  disconnected,
  ended,
  given,
  granted,
  key,
  requested,
  siteOf,
  started,
  type Told,
} from '@ampledger/domain/testing';
import type { ConnectorKey } from '@ampledger/kernel';
import { connectorKey, nodeId, siteId, stationId } from '@ampledger/kernel';
import { decideLimits } from '@ampledger/optimizer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type Planned } from './decide.js';

const STATIONS = ['A', 'B', 'C', 'D', 'E'] as const;
const site = siteOf({
  nodes: [
    { id: 'grid', limitA: 60 },
    { id: 'f', parent: 'grid', limitA: [32, 40, 40] },
  ],
  stations: STATIONS.map((id, i) => ({
    id,
    node: i < 2 ? 'grid' : 'f',
    connectors: [i % 2 === 0 ? { fallbackA: 6 } : { phases: [1] as const, fallbackA: 0 }],
  })),
  control: { leaseS: 60, raiseIntervalS: 0, minDwellS: 30, unseen: 'absent' },
});

type Fate = 'acts-late' | 'accepted' | 'rejected' | 'lost-there' | 'lost-back' | 'error-after' | 'slow';
type Move =
  | { readonly kind: 'arrive' | 'leave' | 'drop' | 'return'; readonly station: number }
  | { readonly kind: 'cap'; readonly limitA: number }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'deliver'; readonly fate: Fate };

const station = fc.nat(STATIONS.length - 1);
const moves: fc.Arbitrary<Move> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      'arrive' as const,
      'arrive' as const,
      'leave' as const,
      'drop' as const,
      'return' as const,
    ),
    station,
  }),
  fc.record({ kind: fc.constant('cap' as const), limitA: fc.constantFrom(0, 8, 20, 35, 60) }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(1, 5, 20, 45, 90) }),
  fc.record({
    kind: fc.constant('deliver' as const),
    fate: fc.constantFrom<Fate>(
      'accepted',
      'accepted',
      'accepted',
      'rejected',
      'lost-there',
      'lost-back',
      'error-after',
      'slow',
      'acts-late',
    ),
  }),
);

interface Truth {
  session: Grant | null;
  transaction: string | null;
  online: boolean;
}

class World {
  state: SiteState;
  now = 10;
  #calls = 0;
  #sessions = 0;
  readonly truth = new Map<ConnectorKey, Truth>();
  readonly wire: { call: string; station: string; grant: Grant; requestedAt: number }[] = [];
  /** Calls that stations have taken in and will act on later, within `LATE_ACT_MS` of the request. */
  #late: { at: number; station: string; grant: Grant }[] = [];

  constructor() {
    this.state = given([[0, configured(site)], ...STATIONS.flatMap((id) => commissioned(id))]);
    for (const id of STATIONS) this.truth.set(key(id), { session: null, transaction: null, online: true });
  }

  tell(...events: readonly DomainEvent[]): void {
    this.state = given(
      events.map((event): Told => [this.now, event]),
      this.state,
    );
  }

  of(index: number): { id: string; truth: Truth } {
    const id = STATIONS[index] ?? 'A';
    const truth = this.truth.get(key(id));
    if (!truth) throw new Error('no station');
    return { id, truth };
  }

  move(move: Move): void {
    switch (move.kind) {
      case 'arrive':
        return this.arrive(move.station);
      case 'leave':
        return this.leave(move.station);
      case 'drop':
        return this.drop(move.station);
      case 'return':
        return this.comeBack(move.station);
      case 'cap':
        return this.cap(move.limitA);
      case 'wait':
        return this.pass(move.seconds);
      case 'deliver':
        return this.deliver(move.fate);
    }
  }

  arrive(index: number): void {
    const { id, truth } = this.of(index);
    if (truth.transaction !== null || !truth.online) return;
    truth.transaction = `t${++this.#sessions}`;
    this.tell(started(id, truth.transaction));
  }

  leave(index: number): void {
    const { id, truth } = this.of(index);
    if (truth.transaction === null || !truth.online) return;
    this.tell(ended(id, truth.transaction));
    truth.transaction = null;
    truth.session = null;
  }

  drop(index: number): void {
    const { id, truth } = this.of(index);
    if (!truth.online) return;
    truth.online = false;
    // What was on the wire arrives or not; nobody will know.
    const gone = this.wire.filter((sent) => sent.station === id);
    this.wire.splice(0, this.wire.length, ...this.wire.filter((sent) => sent.station !== id));
    for (const sent of gone) this.#take(sent.grant, id);
    this.tell(disconnected(id));
  }

  comeBack(index: number): void {
    const { id, truth } = this.of(index);
    if (truth.online) return;
    truth.online = true;
    this.tell(connected(id));
  }

  cap(limitA: number): void {
    const data = {
      site: siteId('test'),
      source: 'operator',
      node: nodeId('grid'),
      limitA: [limitA, limitA, limitA] as const,
      limitW: null,
      from: null,
      to: null,
      fallback: null,
      silenceS: null,
      heardAt: at(this.now),
    };
    this.tell({ type: 'EnvelopeSet', data });
  }

  /** The oldest call on the wire meets its fate. */
  deliver(fate: Fate): void {
    const sent = this.wire.shift();
    if (!sent) return;
    const { call, station: id, grant, requestedAt } = sent;
    if (fate === 'accepted' || fate === 'lost-back' || fate === 'error-after' || fate === 'slow')
      this.#take(grant, id);
    if (fate === 'accepted') return this.tell(answered(id, call));
    if (fate === 'rejected') return this.tell(answered(id, call, 'result', 'Rejected'));
    if (fate === 'error-after') return this.tell(answered(id, call, 'error', 'InternalError'));
    if (fate === 'slow') this.pass(15);
    if (fate === 'acts-late')
      this.#actLate(requestedAt, this.now + 20 + ((this.#calls * 37) % 90), id, grant);
    return this.tell(answered(id, call, 'timeout'));
  }

  #actLate(requestedAt: number, when: number, id: string, grant: Grant): void {
    const latest = requestedAt + LATE_ACT_MS / 1000 - 1;
    if (this.now <= latest) this.#late.push({ at: Math.min(when, latest), station: id, grant });
  }

  /** Time goes on, and slow stations act in it. */
  pass(seconds: number): void {
    this.now += seconds;
    for (const { station: id, grant } of this.#late.filter(({ at }) => at <= this.now)) this.#take(grant, id);
    this.#late = this.#late.filter(({ at }) => at > this.now);
  }

  #take(grant: Grant, id: string): void {
    const truth = this.truth.get(connectorKey(stationId(id), 1));
    if (truth && grant.kind === 'session' && grant.session === `${id}:${truth.transaction}`)
      truth.session = grant;
  }

  /** What the station really allows itself, by its own clock. */
  reallyHoldsA(id: string): number {
    const session = this.truth.get(key(id))?.session ?? null;
    if (session === null) return 0;
    return session.leaseEndsAt !== null && at(this.now) >= session.leaseEndsAt
      ? session.tailA
      : session.limitA;
  }

  /** The engine's turn: limits, then calls; each raise is checked as it is made. */
  engine(): void {
    const limits = decideLimits(this.state, at(this.now));
    if (limits) this.tell({ type: 'LimitsAllocated', data: limits });
    const before = countedLoads(this.state, at(this.now)).load;
    const { planned } = decide(this.state, at(this.now));
    for (const plan of planned) this.#request(plan);
    const { ceiling } = linkCapacities(this.state, at(this.now));
    countedLoads(this.state, at(this.now)).load.forEach((load, link) => {
      expect(load).toBeLessThanOrEqual(Math.max(ceiling[link] ?? 0, before[link] ?? 0) + 1e-6);
    });
  }

  #request({ station: id, wish }: Planned): void {
    const call = `c${++this.#calls}`;
    const common = {
      station: id,
      call,
      payload: {},
      clears: [],
      by: 'engine',
      basis: 0,
      epoch: 0,
      timeoutS: 20,
    } as const;
    if (wish.kind !== 'limit') {
      this.tell({ type: 'CallRequested', data: { ...common, action: 'GetConfiguration', grants: [] } });
      return this.tell(answered(id, call));
    }
    this.tell({
      type: 'CallRequested',
      data: { ...common, action: 'SetChargingProfile', grants: [wish.grant] },
    });
    this.wire.push({ call, station: id, grant: wish.grant, requestedAt: this.now });
  }

  check(): void {
    for (const placed of topologyOf(site).connectors) {
      const may = mayHoldA(ledgerInput(this.state, placed), at(this.now));
      expect(may, `${placed.key} may hold less than it does`).toBeGreaterThanOrEqual(
        this.reallyHoldsA(placed.station) - 1e-9,
      );
    }
  }
}

describe('the ledger and the order of calls', () => {
  it('knows of everything a station may hold, and raises only into room that is there', () => {
    fc.assert(
      fc.property(fc.array(moves, { minLength: 10, maxLength: 120 }), (list) => {
        const world = new World();
        for (const move of list) {
          world.move(move);
          world.check();
          world.engine();
          world.pass(1);
          world.check();
        }
      }),
      { numRuns: 400 },
    );
  });

  it('comes to rest: once the network is good again every car has its share', () => {
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 60 }), (list) => {
        const world = new World();
        for (const move of list) {
          world.move(move);
          world.engine();
          world.pass(1);
        }
        world.cap(60);
        STATIONS.forEach((_, i) => {
          world.comeBack(i);
          world.arrive(i);
        });
        for (let i = 0; i < 1_500; i++) {
          while (world.wire.length > 0) world.deliver('accepted');
          world.engine();
          world.pass(1);
        }
        for (const id of STATIONS) expect(world.reallyHoldsA(id), id).toBeGreaterThanOrEqual(6);
      }),
      { numRuns: 40 },
    );
  });
});

describe('one call after the other', () => {
  const cut: readonly Told[] = [
    [0, configured(site)],
    ...commissioned('A'),
    ...commissioned('B'),
    [1, started('A', 't')],
    [1, started('B', 't')],
    ...granted(2, 'a', { station: 'A', transaction: 't', limitA: 32, tailA: 6, leaseEndsS: 1000 }),
    ...granted(2, 'b', { station: 'B', transaction: 't', limitA: 6 }),
  ];
  const allocated = (a: number, b: number): Told => [
    3,
    {
      type: 'LimitsAllocated',
      data: {
        site: siteId('test'),
        at: at(3),
        basis: 0,
        epoch: 0,
        allocations: [
          { connector: key('A'), limitA: a, fairA: null, because: { kind: 'bound', bound: 'maximum' } },
          { connector: key('B'), limitA: b, fairA: null, because: { kind: 'bound', bound: 'maximum' } },
        ],
      },
    },
  ];
  const capped: Told = [
    3,
    {
      type: 'EnvelopeSet',
      data: {
        site: siteId('test'),
        source: 'operator',
        node: nodeId('grid'),
        limitA: [40, 40, 40],
        limitW: null,
        from: null,
        to: null,
        fallback: null,
        silenceS: null,
        heardAt: at(3),
      },
    },
  ];

  const plans = (state: SiteState, seconds: number) =>
    decide(state, at(seconds)).planned.flatMap(({ wish }) =>
      wish.kind === 'limit' ? [`${wish.why} ${wish.placed.key} ${wish.grant.limitA}`] : [],
    );

  it('sends the cut, and the raise that needs its room only when the cut is accepted', () => {
    const read = (id: string): readonly Told[] => [[2, capable(id)]];
    const before = given([...cut, ...read('A'), ...read('B'), capped, allocated(10, 30)]);
    expect(plans(before, 4)).toEqual(['cut A/1 10']);
    const after = given(
      [...granted(5, 'c', { station: 'A', transaction: 't', limitA: 10, tailA: 6, leaseEndsS: 1000 })],
      before,
    );
    expect(plans(after, 6)).toEqual(['raise B/1 30']);
  });
});

describe('what is unsure is made sure', () => {
  const wish = (history: readonly Told[], seconds: number): string | undefined => {
    const [first] = decide(given([[0, configured(site)], ...history]), at(seconds)).planned;
    return first?.wish.kind === 'limit'
      ? `${first.wish.why} ${first.wish.grant.kind} ${first.wish.grant.limitA}`
      : first?.wish.kind;
  };
  const known: Told = [1, capable('A')];
  const lost = (call: string, limitA: number, transaction?: string): readonly Told[] => [
    [10, requested(call, { station: 'A', limitA, ...(transaction === undefined ? {} : { transaction }) })],
    [11, answered('A', call, 'timeout')],
  ];

  it('a default profile whose answer was lost is sent again, with and without a session', () => {
    expect(wish([...commissioned('A'), known, ...lost('x', 0)], 60)).toBe('commission idle 0');
    expect(wish([...commissioned('A'), known, [2, started('A', 't')], ...lost('x', 0)], 60)).toBe(
      'commission idle 0',
    );
  });
  it('a session’s limit whose answer was lost is sent again', () => {
    const allocated: Told = [
      3,
      {
        type: 'LimitsAllocated',
        data: {
          site: siteId('test'),
          at: at(3),
          basis: 0,
          epoch: 0,
          allocations: [
            { connector: key('A'), limitA: 10, fairA: null, because: { kind: 'bound', bound: 'maximum' } },
          ],
        },
      },
    ];
    const history: readonly Told[] = [...commissioned('A'), known, [2, started('A', 't')], allocated];
    expect(wish([...history, ...lost('x', 20, 't')], 60)).toBe('cut session 10');
    expect(
      wish(
        [
          ...history,
          ...granted(5, 'y', { station: 'A', transaction: 't', limitA: 10, leaseEndsS: 900 }),
          ...lost('x', 10, 't'),
        ],
        60,
      ),
    ).toBe('renew session 10');
  });
  it('a station that booted is commissioned anew', () => {
    expect(
      wish(
        [
          ...commissioned('A'),
          known,
          [
            5,
            {
              type: 'StationBooted',
              data: {
                station: stationId('A'),
                vendor: 'v',
                model: 'm',
                serialNumber: null,
                firmware: null,
                reason: null,
              },
            },
          ],
        ],
        6,
      ),
    ).toBe('read');
  });
});
