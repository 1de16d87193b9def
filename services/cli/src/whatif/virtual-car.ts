// A recorded car that charges again: constant current, up to its maximum, until it has what it wanted.

import { currentOn, type PlacedConnector, type SiteConfig, wattsPerAmpere } from '@ampledger/domain';
import type { PerPhase, Phase } from '@ampledger/kernel';
import type { RecordedSession } from './recording.js';

const MS_PER_HOUR = 3_600_000;
/** What rounding may leave of a want. */
const CLOSE_WH = 1e-6;
/** Amperes below a minimum that are rounding. */
const CLOSE_A = 1e-6;

export interface CarOptions {
  /** Left while it was charging: whether it would have gone on for as long as it stayed. */
  readonly keepsCharging: boolean;
}

export class VirtualCar {
  readonly recorded: RecordedSession;
  readonly placed: PlacedConnector;
  /** Grid phases that it uses. */
  readonly phases: readonly Phase[];
  readonly maxA: number;
  readonly wantWh: number;
  servedWh = 0;
  offerA = 0;
  drawA = 0;
  /** Moments at which its meter is to be read beyond the usual ones, and when it was read last. */
  lookAt: readonly number[] = [];
  sampledAt = Number.NEGATIVE_INFINITY;
  readonly #config: SiteConfig;
  readonly #options: CarOptions;

  constructor(recorded: RecordedSession, placed: PlacedConnector, config: SiteConfig, options: CarOptions) {
    const wired = placed.config.phases;
    const own = recorded.ownPhases?.flatMap((i) => wired[i] ?? []) ?? wired;
    this.recorded = recorded;
    this.placed = placed;
    this.#config = config;
    this.#options = options;
    this.phases = own.length === 0 ? wired.slice(0, 1) : own;
    this.maxA = recorded.carMaxA ?? placed.config.maxA;
    const isOpen = options.keepsCharging && recorded.wantKnown === 'at-least';
    this.wantWh = isOpen ? Number.POSITIVE_INFINITY : recorded.wantWh;
  }

  /** The same car, as far as it is charged, where the site file has changed. */
  under(placed: PlacedConnector, config: SiteConfig): VirtualCar {
    const car = new VirtualCar(this.recorded, placed, config, this.#options);
    car.servedWh = this.servedWh;
    car.lookAt = this.lookAt;
    car.offerA = this.offerA;
    car.drawA = this.drawA;
    return car;
  }

  get isDone(): boolean {
    return this.servedWh >= this.wantWh - CLOSE_WH;
  }

  /** Takes up a new limit, or what it can take of it. */
  offer(limitA: number): void {
    this.offerA = Math.max(0, limitA);
    const tooLittle = this.offerA < this.placed.config.minA - CLOSE_A;
    this.drawA = this.isDone || tooLittle ? 0 : Math.min(this.offerA, this.maxA);
  }

  /** Whether its meter is to be read now, which is so every `everyMs` at least. */
  isDue(at: number, everyMs: number): boolean {
    return at - this.sampledAt >= everyMs || this.lookAt.some((look) => look > this.sampledAt && look <= at);
  }

  /** It draws less than it is offered by as much as the engine notices. */
  get leavesSome(): boolean {
    return this.drawA < Math.min(this.offerA - 0.75, this.offerA * 0.95);
  }

  get gridW(): number {
    return this.drawA * wattsPerAmpere(this.#config, this.phases);
  }

  get drawnA(): PerPhase {
    return currentOn(this.#config.wiring, this.phases, this.drawA);
  }

  /** Milliseconds until it has what it wants at this draw; Infinity when it draws nothing. */
  get toDoneMs(): number {
    const carW = this.gridW * this.placed.config.efficiency;
    if (carW <= 0 || this.isDone) return Number.POSITIVE_INFINITY;
    return ((this.wantWh - this.servedWh) / carW) * MS_PER_HOUR;
  }

  /** Draws on for so long; returns what it took, watt-hours on its side. */
  charge(ms: number): number {
    const carW = this.gridW * this.placed.config.efficiency;
    const wh = Math.min((carW * ms) / MS_PER_HOUR, this.wantWh - this.servedWh);
    this.servedWh += wh;
    return wh;
  }
}
