// The power side of a station: its outlets, its profile store, and the offers that follow from both.
// Guarantees that an offer is never above the composite limit, unless the station is told to disobey,
// and that it follows every change of the composite at the moment of the change.

import type { Clock, Timer } from '@ampledger/kernel';
import { type Cabinet, shareCabinet } from './cabinet.js';
import {
  compositeLimit,
  type EvseQuery,
  evseLimit,
  type Held,
  type SchedulePeriod,
  scheduleOver,
  stationCap,
  stationLimit,
} from './composite.js';
import type { Evse } from './evse.js';
import type { ChargingProfile, InstalledProfile, ProfileLimits } from './profile.js';
import { installed, type Protocol, type Refusal, type RuleContext, refusalOf } from './profile-rules.js';
import type { Session } from './session.js';
import { shareCap } from './station-cap.js';

interface ChargingDeps {
  readonly protocol: Protocol;
  readonly evses: readonly Evse[];
  readonly voltageV: number;
  readonly clock: Clock;
  readonly limits: ProfileLimits;
  /** Power modules that the DC outlets share. */
  readonly cabinet?: Cabinet;
  /** How far the clock that schedules run by is off, milliseconds. */
  readonly clockOffsetMs: number;
}

const TIMER_MS_MAX = 86_400_000;
const SCHEDULE_PERIODS_MAX = 500;

export class Charging {
  readonly evses: readonly Evse[];
  readonly sessions = new Map<number, Session>();
  /** EVSEs that give their car all it can draw, whatever the profiles say. */
  readonly disobeying = new Set<number>();
  #profiles: readonly InstalledProfile[] = [];
  #timer: Timer | null = null;
  readonly #deps: ChargingDeps;

  constructor(deps: ChargingDeps) {
    this.#deps = deps;
    this.evses = deps.evses;
  }

  get profiles(): readonly InstalledProfile[] {
    return this.#profiles;
  }

  evse(evseId: number): Evse | undefined {
    return this.evses.find((evse) => evse.id === evseId);
  }

  /** What the stored profiles allow, amperes per phase; EVSE 0 is the sum over the station. */
  limitA(evseId: number, at: number): number {
    const local = at + this.#deps.clockOffsetMs;
    if (evseId === 0)
      return stationLimit(
        this.evses.map((evse) => this.#query(evse)),
        local,
      ).value;
    const evse = this.evse(evseId);
    return evse === undefined ? 0 : compositeLimit(this.#query(evse), local).value;
  }

  /** The composite schedule from now on. */
  schedule(evseId: number, durationS: number): readonly SchedulePeriod[] {
    const from = this.#localNow();
    const queries = this.evses.map((evse) => ({ ...this.#query(evse), assumedStartAt: from }));
    const one = queries.find((query) => query.evseId === evseId);
    const limitAt = (at: number): Held<number> =>
      one === undefined ? stationLimit(queries, at) : compositeLimit(one, at);
    return scheduleOver(limitAt, { from, durationS, maxPeriods: SCHEDULE_PERIODS_MAX });
  }

  /** Why the profile would be refused, or null. */
  refusal(profile: ChargingProfile, evseId: number, withStart = false): Refusal | null {
    return refusalOf(profile, this.#ruleContext(evseId, withStart));
  }

  install(profile: ChargingProfile, evseId: number): void {
    this.#profiles = installed(profile, this.#ruleContext(evseId, false), this.#localNow());
    this.refresh();
  }

  clear(matches: (profile: InstalledProfile) => boolean): number {
    const before = this.#profiles.length;
    this.#profiles = this.#profiles.filter((profile) => !matches(profile));
    this.refresh();
    return before - this.#profiles.length;
  }

  begin(session: Session): void {
    this.sessions.set(session.evse.id, session);
    session.evse.setContactor(true);
    this.refresh();
  }

  end(session: Session): void {
    const evseId = session.evse.id;
    this.sessions.delete(evseId);
    this.disobeying.delete(evseId);
    session.evse.setContactor(false);
    // A TxProfile ends with its transaction (OCPP 1.6 section 3.13.1, OCPP 2.0.1 K01).
    this.clear((profile) => profile.purpose === 'tx' && profile.evseId === evseId);
  }

  /** What a station writes to its flash memory: profiles outlive a reboot (OCPP 2.0.1 K01.FR.27). */
  persist(): string {
    return JSON.stringify(this.#profiles);
  }

  restore(flash: string): void {
    this.#profiles = JSON.parse(flash) as readonly InstalledProfile[];
    this.refresh();
  }

  /** Works out every offer, and when the next one changes. */
  refresh(): void {
    this.#timer?.cancel();
    const now = this.#localNow();
    const active = [...this.sessions.values()];
    const limits = active.map((session) => evseLimit(this.#query(session.evse), now));
    const cap = stationCap(this.#profiles, now);
    const wants = active.map((session, i) => ({
      phases: session.evse.phasesInUse,
      wantA: Math.min(limits[i]?.value ?? 0, session.evse.car?.spec.maxA ?? 0),
      minA: session.evse.car?.minA ?? 0,
    }));
    // Without a cap of its own the station signals the limit itself; with one, each car's share.
    const offers =
      cap.value === null
        ? limits.map((limit) => limit.value)
        : shareCap(wants, cap.value, this.#deps.voltageV);
    const given = this.#fromCabinet(
      active.map(({ evse }) => evse),
      offers,
    );
    active.forEach(({ evse }, i) => {
      evse.setOffer(this.disobeying.has(evse.id) ? evse.maxA : evse.settableA(given[i] ?? 0));
    });
    this.#wake(Math.min(cap.until, ...limits.map((limit) => limit.until)) - now);
  }

  close(): void {
    this.#timer?.cancel();
    for (const evse of this.evses) evse.close();
  }

  #fromCabinet(evses: readonly Evse[], offers: readonly number[]): readonly number[] {
    const { cabinet } = this.#deps;
    return cabinet === undefined ? offers : shareCabinet(evses, offers, cabinet);
  }

  #wake(inMs: number): void {
    this.#timer = null;
    if (this.sessions.size === 0 || inMs === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#deps.clock.after(Math.min(inMs, TIMER_MS_MAX), () => this.refresh());
  }

  #localNow(): number {
    return this.#deps.clock.now() + this.#deps.clockOffsetMs;
  }

  #query(evse: Evse): EvseQuery {
    const session = this.sessions.get(evse.id);
    return {
      profiles: this.#profiles,
      evseId: evse.id,
      maxA: evse.maxA,
      // Limits in watts are at the outlet's meter.
      voltageV: this.#deps.voltageV * evse.efficiency,
      phasesInUse: evse.phasesInUse.length,
      transactionAt: session === undefined ? null : session.startedAt + this.#deps.clockOffsetMs,
    };
  }

  #ruleContext(evseId: number, withStart: boolean): RuleContext {
    const session = this.sessions.get(evseId);
    return {
      protocol: this.#deps.protocol,
      evseId,
      evseIds: this.evses.map((evse) => evse.id),
      transaction: session === undefined ? null : { id: session.wireId },
      withStart,
      limits: this.#deps.limits,
      installed: this.#profiles,
    };
  }
}
