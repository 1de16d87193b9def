// Recorded sessions once more, in virtual time and under given rules. Pure: the same recording, rules and
// options give the same figures. Every rule of who gets what is the engine's own; what is modelled here is
// the cars (see virtual-car.ts) and stations that do at once what they are told.

import type { DomainEvent, EnvelopeData } from '@ampledger/domain';
import { topologyOf, unmanagedLoad } from '@ampledger/domain';
import type { ConnectorKey } from '@ampledger/kernel';
import { nextChangeAt } from '@ampledger/optimizer';
import type { Outcome } from './outcome.js';
import type { RecordedNeeds, Recording, RulesFrom } from './recording.js';
import { Tally } from './tally.js';
import { type Happening, timelineOf } from './timeline.js';
import { VirtualCar } from './virtual-car.js';
import { type Solver, VirtualPlans } from './virtual-plans.js';
import { VirtualSite } from './virtual-site.js';

export interface SimulationOptions {
  /** The longest time between two looks while cars charge, ms. */
  readonly stepMs: number;
  /** Envelopes beside the recorded ones. */
  readonly envelopes: readonly EnvelopeData[];
  /** Whether cars that left while they were charging go on for as long as they stayed. */
  readonly keepsCharging: boolean;
  /** Plans for sites that ask for one; null: they look at the moment only. */
  readonly solver: Solver | null;
  readonly onProgress?: (at: number) => void;
}

/** The site file over time; the first holds from the beginning. At least one. */
export type Rules = readonly [RulesFrom, ...RulesFrom[]];

/** Looks at a car's meter after its limit changed: when the engine may have learned what it leaves, or its phases. */
const LEAVES_LOOKS_MS = [31_000, 72_000] as const;
const TAKES_LOOKS_MS = [15_000] as const;
const NO_LOOKS_MS = [] as const;
const FIRST_LOOKS_MS = [10_000, 40_000, 71_000] as const;
/** Looks are at whole multiples of this, so that those at several cars are one; meters speak no oftener. */
const LOOK_RASTER_MS = 60_000;
/** While somebody waits, the engine looks again so often, whatever happens; here, every step is enough. */
const ROUTINE_MS = 60_000;
/** No two solves are closer than this. */
const LEAST_STEP_MS = 1_000;

/** Connectors that are not in the rules have no car. Time is O(events + span / stepMs) solves. */
export function simulateSessions(recording: Recording, rules: Rules, options: SimulationOptions): Outcome {
  const { from, to, sessions, changes } = recording;
  const run = new Simulation(recording, rules, options);
  const timeline = timelineOf(recording, rules, options.envelopes);
  let i = 0;
  let at = from;
  while (at < to) {
    for (; i < timeline.length; i++) {
      const happening = timeline[i];
      if (happening === undefined || happening.at > at) break;
      run.happen(happening, at);
    }
    run.look(at);
    const until = Math.min(to, timeline[i]?.at ?? to, run.nextLookAt(at));
    run.charge(at, until);
    at = until;
    options.onProgress?.(at);
  }
  return run.tally.finish(to, { sessions, rules, changes });
}

const looksAfter = (at: number, looksMs: readonly number[]): readonly number[] =>
  looksMs.map((ms) => Math.ceil((at + ms) / LOOK_RASTER_MS) * LOOK_RASTER_MS);

class Simulation {
  readonly tally: Tally;
  readonly #site: VirtualSite;
  readonly #cars = new Map<ConnectorKey, VirtualCar>();
  readonly #options: SimulationOptions;
  readonly #plans: VirtualPlans | null;
  /** As in the engine: the site is solved when it has changed, or when its time has come. */
  #solvedRevision = -1;
  #changeAt = Number.NEGATIVE_INFINITY;

  constructor(recording: Recording, rules: Rules, options: SimulationOptions) {
    const { config } = rules[0];
    this.#options = options;
    this.#plans = options.solver === null ? null : new VirtualPlans(options.solver);
    this.#site = new VirtualSite(config, recording, recording.from);
    this.tally = new Tally(config, recording.from);
  }

  happen(happening: Happening, at: number): void {
    switch (happening.kind) {
      case 'rules':
        return this.#configure(happening.config, at);
      case 'envelope':
        return this.#fold({ type: 'EnvelopeSet', data: happening.envelope }, at);
      case 'envelope-removed': {
        const { source, node } = happening;
        const { site } = this.#site.state;
        return this.#fold({ type: 'EnvelopeRemoved', data: { site, source, node } }, at);
      }
      case 'load':
        this.#changeAt = at;
        return this.#site.setLoad(happening.node, happening.loadA, at);
      case 'signal':
        return this.#fold({ type: 'SignalSet', data: happening.signal }, at);
      case 'signal-removed': {
        const { source, signal } = happening;
        const { site } = this.#site.state;
        return this.#fold({ type: 'SignalRemoved', data: { site, source, signal } }, at);
      }
      case 'arrival':
        return this.#arrive(happening.session, at);
      case 'needs':
        return this.#say(happening.session.connector, happening.needs, at);
      case 'departure':
        return this.#leave(happening.session.connector, happening.session.session, at);
    }
  }

  /** Reads the meters that are due, solves where something changed, and lets the cars follow. */
  look(at: number): void {
    this.#hearLoads(at);
    if (this.#cars.size === 0) return;
    const everyMs = Math.min(this.#options.stepMs, this.#site.config.control.meterStaleS * 1000);
    for (const car of this.#cars.values()) if (car.isDue(at, everyMs)) this.#sample(car, at);
    this.#plans?.look(this.#site, at);
    if (this.#site.state.revision === this.#solvedRevision && at < this.#changeAt) return;
    this.#solvedRevision = this.#site.state.revision;
    this.#site.allocate(at);
    this.#changeAt = this.#nextChangeAt(at);
    for (const car of this.#cars.values()) this.#follow(car, at);
  }

  /** When something may change though nobody comes or goes. */
  nextLookAt(at: number): number {
    if (this.#cars.size === 0) return Number.POSITIVE_INFINITY;
    let next = Math.min(this.#changeAt, this.#plans?.nextAt(this.#site, at) ?? Number.POSITIVE_INFINITY);
    for (const car of this.#cars.values()) {
      if (car.drawA > 0) next = Math.min(next, at + this.#options.stepMs, at + Math.ceil(car.toDoneMs));
      for (const look of car.lookAt) if (look > at) next = Math.min(next, look);
    }
    return Math.max(next, at + LEAST_STEP_MS);
  }

  charge(from: number, to: number): void {
    for (const car of this.#cars.values()) {
      const wh = car.charge(to - from);
      const { efficiency } = car.placed.config;
      if (wh > 0) this.tally.energy(car.recorded.session, { from, to, wh, efficiency });
      if (wh > 0 && car.isDone) this.#stop(car, to);
    }
  }

  /** It has what it wants: it draws nothing from now on, which its meter and its station say. */
  #stop(car: VirtualCar, at: number): void {
    car.offer(car.offerA);
    this.tally.draw(car.placed.key, car.drawnA, at);
    car.lookAt = [at, ...looksAfter(at, LEAVES_LOOKS_MS)];
  }

  #sample(car: VirtualCar, at: number): void {
    this.#site.sample(car, at);
    car.sampledAt = at;
  }

  /** The next moment that the engine's rules name, but for routine. */
  #nextChangeAt(at: number): number {
    let from = at;
    for (;;) {
      const next = nextChangeAt(this.#site.state, from) ?? Number.POSITIVE_INFINITY;
      if (next !== from + ROUTINE_MS || next - at >= this.#options.stepMs) return next;
      from = next;
    }
  }

  #fold(event: DomainEvent, at: number): void {
    this.#site.fold(event, at);
  }

  #follow(car: VirtualCar, at: number): void {
    const { placed, recorded } = car;
    const allocation = this.#site.allocation(placed.key);
    const before = { offerA: car.offerA, drawA: car.drawA };
    car.offer(allocation?.limitA ?? 0);
    if (car.offerA !== before.offerA || car.drawA !== before.drawA) {
      this.tally.draw(placed.key, car.drawnA, at);
      const takes = this.#site.isCapped(car) ? TAKES_LOOKS_MS : NO_LOOKS_MS;
      car.lookAt = [
        ...car.lookAt.filter((look) => look > at),
        ...looksAfter(at, car.leavesSome ? LEAVES_LOOKS_MS : takes),
      ];
    }
    this.tally.because(placed.key, recorded.session, allocation?.because ?? null, at);
  }

  #arrive(session: VirtualCar['recorded'], at: number): void {
    const placed = topologyOf(this.#site.config).byKey.get(session.connector);
    if (placed === undefined) return;
    const car = new VirtualCar(session, placed, this.#site.config, this.#options);
    car.lookAt = looksAfter(at, FIRST_LOOKS_MS);
    this.#cars.set(session.connector, car);
    this.#site.plugIn(car, at);
  }

  #leave(key: ConnectorKey, session: VirtualCar['recorded']['session'], at: number): void {
    const car = this.#cars.get(key);
    if (car === undefined || car.recorded.session !== session) return;
    this.#cars.delete(key);
    this.#site.unplug(car, at);
    this.tally.draw(key, [0, 0, 0], at);
    this.tally.because(key, session, null, at);
  }

  /** Whoever got less than it did by then has more to ask for. */
  #say(key: ConnectorKey, { totalWh, departAt, minA, maxA, source }: RecordedNeeds, at: number): void {
    const car = this.#cars.get(key);
    if (car === undefined) return;
    const { station, config } = car.placed;
    this.#sample(car, at);
    const energyWh = totalWh === null ? null : Math.max(0, totalWh - car.servedWh);
    const said = { energyWh, departAt, minA, maxA, source };
    const data = { station, evseId: config.evseId, session: car.recorded.session, ...said };
    this.#fold({ type: 'ChargingNeedsNotified', data }, at);
  }

  #configure(config: VirtualSite['config'], at: number): void {
    this.#site.configure(config, at);
    this.tally.configure(config, at);
    for (const [key, car] of [...this.#cars]) {
      const placed = topologyOf(config).byKey.get(key);
      if (placed === undefined) this.#leave(key, car.recorded.session, at);
      else this.#cars.set(key, car.under(placed, config));
    }
  }

  /** The recorded meters go on to speak; the tally sees what they are taken for. */
  #hearLoads(at: number): void {
    const { state, config } = this.#site;
    for (const [node, { loadA }] of state.loads) this.#site.setLoad(node, loadA, at);
    for (const node of config.nodes)
      if (node.unmanaged.kind !== 'none')
        this.tally.load(node.id, unmanagedLoad(state, node, at).unmanagedA, at);
  }
}
