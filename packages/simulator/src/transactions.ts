// From a card at the outlet to the end of the transaction. Guarantees at most one session at an
// outlet, that power flows in sessions only, and that each one's beginning and end are told in order.

import type { Clock, Timer } from '@ampledger/kernel';
import type { Answer, Caller } from './caller.js';
import type { Charging } from './charging.js';
import type { Dialect, StartRequest } from './dialect.js';
import type { Evse } from './evse.js';
import type { Metering } from './metering.js';
import type { Registration } from './registration.js';
import type { Session, StopReason } from './session.js';
import type { Settings } from './settings.js';

interface TransactionsDeps {
  readonly clock: Clock;
  readonly settings: Settings;
  readonly dialect: Dialect;
  readonly caller: Caller;
  readonly charging: Charging;
  readonly metering: Metering;
  readonly registration: Registration;
  readonly powered: () => boolean;
  readonly connected: () => boolean;
  readonly onStarted: (evse: Evse) => void;
  /** The central system has taken the start in. */
  readonly onAccepted: (session: Session) => void;
  readonly onEnded: (evse: Evse, reason: StopReason, energyWh: number) => void;
}

export class Transactions {
  /** Whose card is held up at each outlet. */
  readonly #tokens = new Map<number, string>();
  /** Remote starts that wait for a car. */
  readonly #starts = new Map<number, { readonly request: StartRequest; readonly timer: Timer }>();
  readonly #deps: TransactionsDeps;

  constructor(deps: TransactionsDeps) {
    this.#deps = deps;
  }

  /** A car was plugged in; `token` is the card that is held up, if any. */
  pluggedIn(evse: Evse, token: string | null): void {
    if (token !== null) this.#tokens.set(evse.id, token);
    const start = this.#starts.get(evse.id);
    if (start !== undefined) this.startNow(evse, start.request);
    else this.authorize(evse);
  }

  unplugged(evse: Evse): void {
    this.#tokens.delete(evse.id);
    const session = this.#deps.charging.sessions.get(evse.id);
    if (session !== undefined) this.stop(session, 'EVDisconnected');
  }

  /** Asks whether the card is good where it can, and starts where it cannot. */
  authorize(evse: Evse): void {
    const token = this.#tokens.get(evse.id);
    const { car } = evse;
    if (token === undefined || car === null || evse.served || !this.#canStart(evse)) return;
    const start = () => {
      if (evse.car === car && !evse.served)
        this.#begin(evse, { evseId: evse.id, token, remoteStartId: null, profile: null });
    };
    if (!this.#deps.registration.registered) {
      start();
      return;
    }
    this.#deps.caller.submit(this.#deps.dialect.authorize(token), (answer) => {
      if (answer.kind !== 'result' || this.#deps.dialect.authorized(answer.payload)) start();
    });
  }

  /** Where a remote start goes; undefined when it cannot be served. */
  placeFor({ evseId, profile }: StartRequest): Evse | undefined {
    const { charging } = this.#deps;
    const free = charging.evses.filter((evse) => this.#canStart(evse));
    const evse =
      evseId === null || evseId === 0
        ? (free.find((one) => one.car !== null) ?? free[0])
        : free.find((one) => one.id === evseId);
    if (evse === undefined) return undefined;
    return profile !== null && charging.refusal(profile, evse.id, true) !== null ? undefined : evse;
  }

  /** The start holds for ConnectionTimeOut seconds. */
  awaitCar(evse: Evse, request: StartRequest): void {
    this.#starts.get(evse.id)?.timer.cancel();
    const timer = this.#deps.clock.after(this.#deps.settings.connectionTimeoutS * 1000, () =>
      this.#starts.delete(evse.id),
    );
    this.#starts.set(evse.id, { request, timer });
  }

  startNow(evse: Evse, request: StartRequest): void {
    this.#starts.get(evse.id)?.timer.cancel();
    this.#starts.delete(evse.id);
    this.#tokens.set(evse.id, request.token);
    this.#begin(evse, request);
  }

  stop(session: Session, reason: StopReason): void {
    const { charging, metering, caller, dialect, registration } = this.#deps;
    const { evse } = session;
    if (charging.sessions.get(evse.id) !== session) return;
    const sample = metering.sample(evse, 'Transaction.End');
    evse.served = true;
    charging.end(session);
    metering.end(session);
    caller.submit(dialect.ended(session, { reason, sample, offline: !this.#deps.connected() }));
    metering.release(session);
    registration.report(evse);
    this.#deps.onEnded(evse, reason, sample.energyWh - session.meterStartWh);
  }

  stopAll(reason: StopReason): void {
    for (const session of [...this.#deps.charging.sessions.values()]) this.stop(session, reason);
  }

  /** After a loss of power the cars that are still there charge on, in new transactions. */
  resume(): void {
    for (const evse of this.#deps.charging.evses) {
      evse.served = false;
      this.authorize(evse);
    }
  }

  /** The car draws more, less or nothing: OCPP 2.0.1 tells of it in the transaction, OCPP 1.6 as a status. */
  drawChanged(evse: Evse): void {
    const session = this.#deps.charging.sessions.get(evse.id);
    if (session !== undefined && session.state !== evse.state) {
      session.state = evse.state;
      const message = this.#deps.dialect.changed(session, !this.#deps.connected());
      if (message !== null) this.#deps.caller.submit(message);
    }
    this.#deps.registration.report(evse);
  }

  close(): void {
    for (const { timer } of this.#starts.values()) timer.cancel();
  }

  #canStart(evse: Evse): boolean {
    return this.#deps.powered() && evse.operative && !this.#deps.charging.sessions.has(evse.id);
  }

  #begin(evse: Evse, request: StartRequest): void {
    if (evse.car === null || !this.#canStart(evse)) return;
    const { charging, metering, dialect, caller } = this.#deps;
    const session: Session = {
      evse,
      token: request.token,
      startedAt: this.#deps.clock.now(),
      meterStartWh: metering.sample(evse, 'Transaction.Begin').energyWh,
      remoteStartId: request.remoteStartId,
      wireId: dialect.transactionId(),
      seqNo: 0,
      state: 'EVConnected',
    };
    evse.served = false;
    charging.begin(session);
    if (request.profile !== null)
      charging.install({ ...request.profile, transactionId: session.wireId }, evse.id);
    caller.submit(dialect.started(session, !this.#deps.connected()), (answer) =>
      this.#started(session, answer),
    );
    metering.begin(session);
    this.#deps.onStarted(evse);
    this.drawChanged(evse);
  }

  #started(session: Session, answer: Answer): void {
    const accepted = this.#deps.dialect.onStarted(session, answer);
    if (accepted && this.#deps.charging.sessions.get(session.evse.id) === session)
      this.#deps.onAccepted(session);
    if (accepted || !this.#deps.settings.stopOnInvalidId) return;
    this.#tokens.delete(session.evse.id);
    this.stop(session, 'DeAuthorized');
  }
}
