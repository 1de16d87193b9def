// What a station needs from an OCPP version: how it says things, and how it reads what it is told.

import type { Answer, Message } from './caller.js';
import type { Charging } from './charging.js';
import type { Evse } from './evse.js';
import type { ChargingProfile, ProfileLimits } from './profile.js';
import type { Protocol } from './profile-rules.js';
import type { Sample, Session, StopReason } from './session.js';
import type { Settings } from './settings.js';

export type BootReason = 'PowerUp' | 'RemoteReset' | 'ScheduledReset' | 'Triggered';

/** An answer to the central system's call, and what the station does once it is sent. */
export interface Reply {
  readonly answer: Readonly<Record<string, unknown>>;
  readonly afterwards?: () => void;
}

/** The body of a CALLERROR. */
export interface Fault {
  readonly code: string;
  readonly description: string;
}

export interface StartRequest {
  /** null: whichever EVSE is free. */
  readonly evseId: number | null;
  readonly token: string;
  readonly remoteStartId: number | null;
  readonly profile: ChargingProfile | null;
}

export type TriggeredMessage = 'boot' | 'heartbeat' | 'status' | 'meter' | 'transaction';

/** The station, as the handlers of the central system's calls see it. */
export interface StationControl {
  readonly id: string;
  readonly protocol: Protocol;
  readonly voltageV: number;
  readonly charging: Charging;
  readonly settings: Settings;
  readonly limits: ProfileLimits;
  /** A moment as the station writes it, by its own clock. Default: now. */
  stamp(at?: number): string;
  submit(message: Message): void;
  /** What the behaviours make of a profile that the rules let pass; installs it or not. */
  setProfile(
    profile: ChargingProfile,
    evseId: number,
  ): { readonly accepted: boolean; readonly reasonCode: string };
  requestStart(request: StartRequest): boolean;
  requestStop(session: Session, reason: StopReason): void;
  setOperative(evseId: number, operative: boolean): 'Accepted' | 'Scheduled';
  /** When every session is over, or at once. */
  reset(reason: StopReason, when: 'now' | 'idle'): void;
  /** EVSE 0: all of them. */
  trigger(message: TriggeredMessage, evseId: number): void;
  settingsChanged(): void;
}

export interface Dialect {
  boot(reason: BootReason): Message;
  heartbeat(): Message;
  /** One message for each connector; OCPP 1.6 also has connector 0 (null). */
  status(evse: Evse | null): Message | null;
  /** What `status` would say, to know whether it has changed. */
  statusOf(evse: Evse): string;
  authorize(token: string): Message;
  authorized(payload: Readonly<Record<string, unknown>>): boolean;
  /** The id that the station itself gives, or null. */
  transactionId(): string | null;
  started(session: Session, offline: boolean): Message;
  /** Takes the answer to `started` in; false: the token was refused. */
  onStarted(session: Session, answer: Answer): boolean;
  /** What the car at the outlet wants; null where the version has no message for it, or nothing is said. */
  needs(session: Session): Message | null;
  /** The charging state changed: null where the version has a status for it. */
  changed(session: Session, offline: boolean): Message | null;
  sampled(
    session: Session,
    sample: Sample,
    how: { readonly bare: boolean; readonly offline: boolean },
  ): Message;
  /** A reading outside of any transaction. */
  reading(evse: Evse, sample: Sample): Message;
  ended(
    session: Session,
    end: { readonly reason: StopReason; readonly sample: Sample; readonly offline: boolean },
  ): Message;
  handle(action: string, payload: unknown): Reply | Fault;
  /** Code for a message that is no message. */
  readonly badFrame: string;
}

export const isFault = (outcome: Reply | Fault): outcome is Fault => 'code' in outcome;
