// What a simulated station is made of, and what it shows to those who watch it.

import type { Clock, PerPhase, Phase } from '@ampledger/kernel';
import type { Behaviour } from './behaviour.js';
import type { Cabinet } from './cabinet.js';
import type { CarSpec } from './car.js';
import type { BackOff } from './connection.js';
import type { ChargingState, EvseSpec } from './evse.js';
import type { Dial } from './link.js';
import type { InstalledProfile, ProfileLimits } from './profile.js';
import type { Protocol } from './profile-rules.js';
import type { Random } from './random.js';
import type { StopReason } from './session.js';

export interface StationOptions {
  readonly id: string;
  readonly protocol: Protocol;
  readonly connectors: readonly EvseSpec[];
  /** Phase to neutral. */
  readonly voltageV: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly dial: Dial;
  readonly behaviour?: Behaviour;
  /** Power modules that its outlets share. */
  readonly cabinet?: Cabinet;
  /** Between meter samples of a transaction; 0: none. */
  readonly meterIntervalS: number;
  /** Between readings at round times; default 0: none. */
  readonly clockAlignedIntervalS?: number;
  /** How many times faster than real ones batteries fill. Meters and schedules keep real time. Default 1. */
  readonly speed?: number;
  readonly profileLimits?: Partial<ProfileLimits>;
  readonly backOff?: Partial<BackOff>;
  /** Before the first connect; default 0. */
  readonly startAfterMs?: number;
  /** Every frame, as it goes over the wire. */
  readonly log?: (line: {
    readonly at: number;
    readonly station: string;
    readonly way: 'in' | 'out';
    readonly text: string;
  }) => void;
}

export type StationEvent = { readonly at: number; readonly station: string } & (
  | { readonly kind: 'connected' | 'registered' | 'powered-off' | 'powered-on' }
  | { readonly kind: 'disconnected'; readonly code: number; readonly reason: string }
  | { readonly kind: 'plugged-in'; readonly evseId: number; readonly needWh: number }
  | {
      readonly kind: 'unplugged';
      readonly evseId: number;
      readonly needWh: number;
      readonly deliveredWh: number;
    }
  | { readonly kind: 'session-started'; readonly evseId: number }
  | {
      readonly kind: 'session-ended';
      readonly evseId: number;
      readonly reason: StopReason;
      readonly energyWh: number;
    }
  /**
   * What the driver wants, where the wire has no message for it (OCPP 1.6): for who watches to pass on.
   * Watt-hours by the outlet's meter from now on; epoch milliseconds.
   */
  | {
      readonly kind: 'needs-said';
      readonly evseId: number;
      readonly energyWh: number | null;
      readonly departAt: number | null;
    }
  /** Amperes on the grid's phases. */
  | { readonly kind: 'draw-changed'; readonly evseId: number; readonly drawA: PerPhase }
  | {
      readonly kind: 'profile-answered';
      readonly evseId: number;
      readonly profileId: number;
      readonly accepted: boolean;
      readonly reasonCode: string;
    }
);

/** The truth about one outlet, whatever the station says of it. */
export interface OutletState {
  readonly evseId: number;
  /** The grid's phases that it is wired to in truth, in its own order, and how many of them its car uses. */
  readonly phases: readonly Phase[];
  readonly phasesInUse: readonly Phase[];
  readonly car: CarSpec | null;
  /** Into the battery, since it was plugged in: `speed` times what the meter counted. */
  readonly deliveredWh: number;
  readonly full: boolean;
  readonly charging: ChargingState;
  /** The transaction's id on the wire, null without one. */
  readonly transaction: string | null;
  readonly inSession: boolean;
  /** Signalled to the car, amperes per phase. */
  readonly offerA: number;
  readonly disobeys: boolean;
}

export interface SimulatedStation {
  readonly id: string;
  readonly protocol: Protocol;
  readonly evseIds: readonly number[];
  readonly connected: boolean;
  /** Messages that wait to be sent. */
  readonly queued: number;
  /** A driver plugs in and holds up a card; `idToken: null`: nobody does, and the car waits for a remote start. */
  plugIn(evseId: number, car: CarSpec, options?: { readonly idToken?: string | null }): void;
  unplug(evseId: number): void;
  outlet(evseId: number): OutletState;
  /** What the outlet draws on the grid's phases; at moments past, the last 256 changes are remembered. */
  drawA(evseId: number, at?: number): PerPhase;
  /** What the stored profiles allow, amperes per phase; EVSE 0 is the sum over the station. */
  compositeLimitA(evseId: number, at?: number): number;
  /** The outlet's import register. */
  energyWh(evseId: number): number;
  profiles(): readonly InstalledProfile[];
  /** Returns how to unsubscribe. */
  subscribe(listener: (event: StationEvent) => void): () => void;
  goOffline(forMs: number): void;
  goSilent(forMs: number): void;
  /** Its meters say nothing for so long. */
  silenceMeters(forMs: number): void;
  powerCycle(forMs: number): void;
  close(): void;
}
