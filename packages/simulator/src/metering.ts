// When a station reads its meters, and in which order the readings leave.

import type { Clock, Timer } from '@ampledger/kernel';
import type { Misbehaviour } from './behaviour.js';
import type { Message } from './caller.js';
import type { Evse } from './evse.js';
import type { Random } from './random.js';
import { type Sample, type SampleContext, type Session, sampleOf } from './session.js';
import type { Settings } from './settings.js';

interface MeteringDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: Settings;
  readonly misbehaviour: Misbehaviour;
  readonly evses: readonly Evse[];
  readonly sessions: ReadonlyMap<number, Session>;
  readonly sampled: (session: Session, sample: Sample, bare: boolean) => Message;
  readonly reading: (evse: Evse, sample: Sample) => Message;
  readonly submit: (message: Message) => void;
}

const HELD_MAX = 4;

export class Metering {
  readonly #timers = new Map<Session, Timer>();
  readonly #held = new Map<Session, Message[]>();
  #aligned: Timer | null = null;
  #silentUntil = 0;
  readonly #deps: MeteringDeps;

  constructor(deps: MeteringDeps) {
    this.#deps = deps;
    this.#align();
  }

  sample(evse: Evse, context: SampleContext): Sample {
    const lies = this.#deps.misbehaviour.happens('liesAboutMeter');
    const factor = lies ? this.#deps.misbehaviour.amount('liesAboutMeter') : 1;
    return sampleOf(evse, this.#deps.clock.now(), context, factor);
  }

  begin(session: Session): void {
    const { clock, settings } = this.#deps;
    if (settings.meterIntervalS === 0) return;
    const again = (): void => {
      this.#timers.set(session, clock.after(settings.meterIntervalS * 1000, again));
      this.read(session, 'Sample.Periodic');
    };
    this.#timers.set(session, clock.after(settings.meterIntervalS * 1000, again));
  }

  /** Stops reading; what was held back comes out at last, after the end. */
  end(session: Session): void {
    this.#timers.get(session)?.cancel();
    this.#timers.delete(session);
  }

  /** Readings that are due within this time are never taken. */
  fallSilent(forMs: number): void {
    this.#silentUntil = Math.max(this.#silentUntil, this.#deps.clock.now() + forMs);
  }

  read(session: Session, context: SampleContext): void {
    const { misbehaviour, submit } = this.#deps;
    if (this.#isSilent) return;
    const bare = misbehaviour.happens('bareMeterValues');
    const message = this.#deps.sampled(session, this.sample(session.evse, context), bare);
    const held = this.#held.get(session) ?? [];
    if (held.length < HELD_MAX && misbehaviour.happens('buffersAndReplays')) {
      held.push(message);
      this.#held.set(session, held);
      return;
    }
    submit(message);
    if (held.length > 0 && this.#deps.random() < 0.5) this.release(session);
  }

  /** Sends what was held back, the latest first. */
  release(session: Session): void {
    const held = this.#held.get(session) ?? [];
    this.#held.delete(session);
    for (const message of held.reverse()) this.#deps.submit(message);
  }

  settingsChanged(): void {
    for (const [session, timer] of this.#timers) {
      timer.cancel();
      this.#timers.delete(session);
    }
    for (const session of this.#deps.sessions.values()) this.begin(session);
    this.#align();
  }

  close(): void {
    this.#aligned?.cancel();
    for (const timer of this.#timers.values()) timer.cancel();
  }

  /** Readings at round times: OCPP 1.6 ClockAlignedDataInterval, OCPP 2.0.1 AlignedDataCtrlr.Interval. */
  #align(): void {
    this.#aligned?.cancel();
    const everyMs = this.#deps.settings.clockAlignedIntervalS * 1000;
    if (everyMs === 0) return;
    this.#aligned = this.#deps.clock.after(everyMs - (this.#deps.clock.now() % everyMs), () => {
      this.#align();
      for (const evse of this.#deps.evses) this.#readAligned(evse);
    });
  }

  get #isSilent(): boolean {
    return this.#deps.clock.now() < this.#silentUntil;
  }

  #readAligned(evse: Evse): void {
    if (this.#isSilent) return;
    const session = this.#deps.sessions.get(evse.id);
    if (session !== undefined) this.read(session, 'Sample.Clock');
    else this.#deps.submit(this.#deps.reading(evse, this.sample(evse, 'Sample.Clock')));
  }
}
