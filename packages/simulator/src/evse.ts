// One outlet and the car at it: the physics. The draw is constant between events, the energy
// register is its exact integral, and every change of the draw is told to whoever watches.

import { type Clock, mapPhases, type PerPhase, type Phase, type Timer, ZERO } from '@ampledger/kernel';
import { type Car, type CarSpec, charge, createCar, drawOf, isFull, phasesOf, toNextStageWh } from './car.js';
import type { Random } from './random.js';

export interface EvseSpec {
  readonly evseId: number;
  /** Grid phases in the station's own order. */
  readonly phases: readonly Phase[];
  readonly maxA: number;
  /**
   * A DC outlet: `phases` are its rectifier's, currents here are the grid's, and its meter and its limits
   * in watts are at the car, behind the losses.
   */
  readonly dc?: { readonly efficiency: number };
  /** What it can signal beside nothing: whole steps of `stepA`, or the list `stepsA`. Default: anything. */
  readonly stepA?: number;
  readonly stepsA?: readonly number[];
}

export interface EvseDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly voltageV: number;
  /** How many times faster than real cars the batteries fill. */
  readonly speed: number;
  readonly onDraw: (evse: Evse) => void;
}

/** What the car does, as far as the outlet can tell. */
export type ChargingState = 'EVConnected' | 'Charging' | 'SuspendedEV' | 'SuspendedEVSE';

const MS_PER_H = 3_600_000;
const TIMER_MS_MAX = 86_400_000;
const HISTORY_MAX = 256;
const LAG_S_MAX = 5;
/** A limit that was a step in watts is one again after the division. */
const STEP_TOLERANCE_A = 1e-6;

export class Evse {
  readonly id: number;
  readonly phases: readonly Phase[];
  readonly maxA: number;
  readonly isDc: boolean;
  /** Share of the grid's power that its meter shows: 1 for AC. */
  readonly efficiency: number;
  operative = true;
  /** A transaction of the car at it has ended. */
  served = false;
  #car: Car | null = null;
  #contactor = false;
  /** The car has reacted to an offer since the contactor closed. */
  #hasFollowed = false;
  #offerA = 0;
  #followedA = 0;
  #drawA = 0;
  #drawOn: readonly Phase[] = [];
  #registerWh: number;
  #settledAt: number;
  #lag: Timer | null = null;
  #stage: Timer | null = null;
  readonly #history: { readonly at: number; readonly drawA: PerPhase }[] = [];
  readonly #spec: EvseSpec;
  readonly #deps: EvseDeps;

  constructor(spec: EvseSpec, deps: EvseDeps) {
    this.id = spec.evseId;
    this.phases = spec.phases;
    this.maxA = spec.maxA;
    this.isDc = spec.dc !== undefined;
    this.efficiency = spec.dc?.efficiency ?? 1;
    this.#spec = spec;
    this.#deps = deps;
    this.#registerWh = Math.floor(deps.random() * 5_000_000);
    this.#settledAt = deps.clock.now();
  }

  get car(): Car | null {
    return this.#car;
  }

  get offerA(): number {
    return this.#offerA;
  }

  /** Amperes on each phase in use. */
  get drawA(): number {
    return this.#drawA;
  }

  get full(): boolean {
    return this.#car !== null && isFull(this.#car);
  }

  /** Into the battery of the car at it, up to now. */
  get deliveredWh(): number {
    this.#settle();
    return this.#car?.deliveredWh ?? 0;
  }

  /** Grid phases that the car at it uses; all of the outlet's without a car. */
  get phasesInUse(): readonly Phase[] {
    return this.#car === null || this.isDc ? this.phases : this.phases.slice(0, phasesOf(this.#car));
  }

  /** At its meter: of the grid for AC, at the car for DC. */
  get powerW(): number {
    return this.#drawA * this.wattsPerA;
  }

  /** Watts at its meter for one ampere on each phase in use. */
  get wattsPerA(): number {
    return this.phasesInUse.length * this.#deps.voltageV * this.efficiency;
  }

  /** The most that it can signal of an offer. */
  settableA(offerA: number): number {
    const { stepA, stepsA } = this.#spec;
    if (stepsA !== undefined)
      return Math.max(0, ...stepsA.filter((step) => step <= offerA + STEP_TOLERANCE_A));
    if (stepA === undefined) return offerA;
    return Math.floor((offerA + STEP_TOLERANCE_A) / stepA) * stepA;
  }

  /** What it needs yet by its own word, as its meter will count it; null: it says nothing of energy. */
  get saysWh(): number | null {
    const wantedWh = this.#car?.spec.says?.energyWh;
    return wantedWh === undefined ? null : Math.max(0, wantedWh - this.deliveredWh) / this.#deps.speed;
  }

  /** The import register, now. */
  get energyWh(): number {
    this.#settle();
    return this.#registerWh;
  }

  get state(): ChargingState {
    if (this.#drawA > 0) return 'Charging';
    if (!this.#contactor || this.#car === null) return 'EVConnected';
    if (isFull(this.#car)) return 'SuspendedEV';
    if (this.#offerA < this.#car.minA) return 'SuspendedEVSE';
    // Offered and able, but not drawing: it has not followed yet, or wants less than the minimum.
    if (this.#lag === null) return 'SuspendedEV';
    return this.#hasFollowed ? 'SuspendedEVSE' : 'EVConnected';
  }

  /** What it drew on each grid phase at a moment; the last 256 changes are remembered. */
  drawAt(at: number): PerPhase {
    return this.#history.findLast((entry) => entry.at <= at)?.drawA ?? ZERO;
  }

  plugIn(spec: CarSpec): void {
    this.#settle();
    this.#car = createCar(spec);
    this.served = false;
    this.#followedA = 0;
  }

  unplug(): void {
    this.setContactor(false);
    this.#car = null;
  }

  setContactor(closed: boolean): void {
    if (this.#contactor === closed) return;
    this.#contactor = closed;
    this.#hasFollowed = false;
    this.#followedA = 0;
    this.#lag?.cancel();
    this.#lag = null;
    if (!closed) this.#offerA = 0;
    this.#update();
  }

  /** The control pilot's signal, amperes per phase; the car follows within its lag. */
  setOffer(offerA: number): void {
    if (offerA === this.#offerA) return;
    this.#offerA = offerA;
    if (this.#lag !== null || !this.#contactor) return;
    const lagMs = this.#deps.random() * (this.#car?.spec.lagSMax ?? LAG_S_MAX) * 1000;
    this.#lag = this.#deps.clock.after(Math.floor(lagMs), () => {
      this.#lag = null;
      this.#follow();
    });
  }

  close(): void {
    this.#lag?.cancel();
    this.#stage?.cancel();
  }

  #follow(): void {
    this.#followedA = this.#offerA;
    this.#hasFollowed = true;
    this.#update();
    this.#deps.onDraw(this);
  }

  #settle(): void {
    const now = this.#deps.clock.now();
    const wh = (this.powerW * (now - this.#settledAt)) / MS_PER_H;
    this.#settledAt = now;
    if (wh === 0) return;
    this.#registerWh += wh;
    if (this.#car !== null) charge(this.#car, wh * this.#deps.speed);
  }

  #update(): void {
    this.#settle();
    const drawA =
      this.#car === null || !this.#contactor ? 0 : drawOf(this.#car, Math.min(this.#followedA, this.maxA));
    const isOther = drawA > 0 && this.phasesInUse.length !== this.#drawOn.length;
    if (drawA !== this.#drawA || isOther) this.#setDraw(drawA);
    this.#scheduleStage();
  }

  #setDraw(drawA: number): void {
    this.#drawA = drawA;
    const using = this.phasesInUse;
    this.#drawOn = using;
    this.#history.push({
      at: this.#deps.clock.now(),
      drawA: mapPhases((phase) => (using.includes(phase) ? drawA : 0)),
    });
    if (this.#history.length > HISTORY_MAX) this.#history.shift();
    this.#deps.onDraw(this);
  }

  #scheduleStage(): void {
    this.#stage?.cancel();
    this.#stage = null;
    if (this.#car === null || this.#drawA === 0) return;
    const dueMs = (toNextStageWh(this.#car) / (this.powerW * this.#deps.speed)) * MS_PER_H;
    const delayMs = Math.min(TIMER_MS_MAX, Math.max(1, Math.ceil(dueMs)));
    this.#stage = this.#deps.clock.after(delayMs, () => this.#update());
  }
}
