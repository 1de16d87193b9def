// One session while its log is read: what it took, what it could have taken, and what it wanted, as far
// as that can be seen.

import type { ConnectorStatus } from '@ampledger/domain';
import type { ConnectorKey } from '@ampledger/kernel';
import type { RecordedNeeds, RecordedSession, WantKnown } from './recording.js';

/** One reading of the connector's meter. Currents are amperes. */
export interface Sample {
  readonly at: number;
  /** In amperes of the connector's own limit, and on the station's own phases. */
  readonly ownA: number;
  readonly byOwnPhase: readonly number[];
  /** Watts at the car. */
  readonly carW: number;
  /** What it was offered; null: nobody limited it. */
  readonly offerA: number | null;
  /** The offer has held long enough for the car to have followed it. */
  readonly settled: boolean;
}

export interface Taken {
  readonly from: number;
  readonly to: number;
  readonly wh: number;
}

/** A draw this close to the offer takes all of it (as the engine reckons). */
const TAKES_ALL_WITHIN_A = 0.75;
const TAKES_ALL_SHARE = 0.95;
/** Less than this is no charging. */
const CHARGES_A = 1;
/** A phase with less than this, or this share of the largest, is not used. */
const USED_A = 1;
const USED_SHARE = 0.1;

type Identity = Pick<RecordedSession, 'session' | 'transaction' | 'idToken' | 'connector'>;

const MS_PER_HOUR = 3_600_000;

export class SessionWatch {
  readonly #identity: Identity;
  #arriveAt: number;
  /** The beginning of the span; null before it. */
  #spanFrom: number | null;
  /** Taken before the span, and within it. */
  #beforeWh = 0;
  #takenWh = 0;
  #registerWh: number | null;
  #registerMoved = false;
  #registerAt: number;
  /** What follows from currents, for stations without a register. */
  #fromCurrents: Taken[] = [];
  #carW = 0;
  #sampleAt: number;
  #largestA = 0;
  #largestFreeA = 0;
  readonly #largestByPhase: [number, number, number] = [0, 0, 0];
  #stopped = false;
  #status: ConnectorStatus | null = null;
  readonly #needs: RecordedNeeds[] = [];

  constructor(
    identity: Identity,
    arriveAt: number,
    begins: { registerWh: number | null; spanFrom: number | null },
  ) {
    this.#identity = identity;
    this.#arriveAt = arriveAt;
    this.#spanFrom = begins.spanFrom;
    this.#registerWh = begins.registerWh;
    this.#registerAt = arriveAt;
    this.#sampleAt = arriveAt;
  }

  get connector(): ConnectorKey {
    return this.#identity.connector;
  }

  get session(): RecordedSession['session'] {
    return this.#identity.session;
  }

  /** The span begins while the car is there. */
  begin(from: number): void {
    this.#spanFrom = from;
    this.#arriveAt = Math.max(this.#arriveAt, from);
  }

  /** The register may have moved on: what was taken of the span since it did before, null when nothing was. */
  register(wh: number | null, at: number): Taken | null {
    if (wh === null || wh === this.#registerWh) return null;
    const before = this.#registerWh;
    const from = this.#registerAt;
    this.#registerWh = wh;
    this.#registerAt = at;
    if (before === null || wh < before) return null;
    this.#registerMoved = true;
    this.#fromCurrents = [];
    return this.#count({ from, to: at, wh: wh - before });
  }

  sample({ at, ownA, byOwnPhase, carW, offerA, settled }: Sample): void {
    this.#integrate(at);
    this.#carW = carW;
    this.#largestA = Math.max(this.#largestA, ownA);
    for (const i of [0, 1, 2] as const)
      this.#largestByPhase[i] = Math.max(this.#largestByPhase[i], byOwnPhase[i] ?? 0);
    const free = offerA === null || ownA < Math.min(offerA - TAKES_ALL_WITHIN_A, offerA * TAKES_ALL_SHARE);
    if (ownA >= CHARGES_A) {
      this.#stopped = false;
      if (free && settled) this.#largestFreeA = Math.max(this.#largestFreeA, ownA);
    } else if (free && settled) {
      this.#stopped = true;
    }
  }

  /** The station says that the car itself pauses, or charges; only what is new counts. */
  status(status: ConnectorStatus | null): void {
    if (status === this.#status) return;
    this.#status = status;
    if (status === 'SuspendedEV' || status === 'Finishing') this.#stopped = true;
    if (status === 'Charging') this.#stopped = false;
  }

  /** `energyWh` from now on. */
  says({ at, departAt, minA, maxA, source }: Omit<RecordedNeeds, 'totalWh'>, energyWh: number | null): void {
    const totalWh = energyWh === null ? null : this.#beforeWh + this.#takenWh + energyWh;
    this.#needs.push({ at, totalWh, departAt, minA, maxA, source });
  }

  /** What the register did not tell: everything where there is none. To be called once, at the session's end. */
  end(at: number): readonly Taken[] {
    this.#integrate(at);
    return this.#fromCurrents.flatMap((taken) => this.#count(taken) ?? []);
  }

  /** The span ends before the session: what is taken for the time since the register last moved. */
  cut(at: number): readonly Taken[] {
    const ms = Math.min(at - this.#registerAt, MS_PER_HOUR);
    if (!this.#registerMoved || this.#carW <= 0 || ms <= 0) return this.end(at);
    const taken = this.#count({ from: at - ms, to: at, wh: (this.#carW * ms) / MS_PER_HOUR });
    return taken === null ? [] : [taken];
  }

  /** `assumedWh`: what a car that says nothing is taken to want; null: nothing is assumed. */
  recorded(leaveAt: number, assumedWh: number | null): RecordedSession {
    const isMaxSeen = this.#largestA > 0 && this.#largestFreeA >= this.#largestA - TAKES_ALL_WITHIN_A;
    return {
      ...this.#identity,
      arriveAt: this.#arriveAt,
      leaveAt,
      takenWh: this.#takenWh,
      ...this.#want(assumedWh),
      carMaxA: isMaxSeen ? this.#largestA : null,
      ownPhases: this.#ownPhases(),
      needs: this.#needs.map(({ at, totalWh, ...said }) => ({
        ...said,
        at: Math.max(at, this.#arriveAt),
        totalWh: totalWh === null ? null : Math.max(0, totalWh - this.#beforeWh),
      })),
    };
  }

  #want(assumedWh: number | null): { wantWh: number; wantKnown: WantKnown } {
    const takenWh = this.#takenWh;
    if (this.#stopped) return { wantWh: takenWh, wantKnown: 'full' };
    const saidWh = this.#needs.findLast(({ totalWh }) => totalWh !== null)?.totalWh ?? null;
    if (saidWh !== null) return { wantWh: Math.max(saidWh - this.#beforeWh, takenWh), wantKnown: 'said' };
    return { wantWh: Math.max(takenWh, (assumedWh ?? 0) - this.#beforeWh), wantKnown: 'at-least' };
  }

  #ownPhases(): readonly number[] | null {
    const most = Math.max(...this.#largestByPhase);
    if (most < USED_A) return null;
    return ([0, 1, 2] as const).filter((i) => this.#largestByPhase[i] >= Math.max(USED_A, USED_SHARE * most));
  }

  /** The part within the span, which is given back, and what was before it. */
  #count(taken: Taken): Taken | null {
    const spanFrom = this.#spanFrom ?? Number.POSITIVE_INFINITY;
    const from = Math.max(taken.from, spanFrom);
    const share =
      from >= taken.to ? Number(spanFrom <= taken.from) : (taken.to - from) / (taken.to - taken.from);
    this.#beforeWh += taken.wh * (1 - share);
    if (share <= 0) return null;
    this.#takenWh += taken.wh * share;
    return { from, to: taken.to, wh: taken.wh * share };
  }

  #integrate(at: number): void {
    const wh = (this.#carW * (at - this.#sampleAt)) / MS_PER_HOUR;
    if (wh > 0 && !this.#registerMoved) this.#fromCurrents.push({ from: this.#sampleAt, to: at, wh });
    this.#sampleAt = at;
  }
}
