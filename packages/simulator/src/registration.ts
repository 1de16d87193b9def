// What a station owes its central system on every connection: the boot, the state of its connectors,
// and a heartbeat. Guarantees that a status is told when it is new, once, and again after a boot.

import type { Clock, Timer } from '@ampledger/kernel';
import type { Misbehaviour } from './behaviour.js';
import type { Answer, Caller } from './caller.js';
import type { BootReason, Dialect } from './dialect.js';
import type { Evse } from './evse.js';
import type { Later } from './later.js';
import type { Settings } from './settings.js';

interface RegistrationDeps {
  readonly clock: Clock;
  readonly later: Later;
  readonly settings: Settings;
  readonly misbehaviour: Misbehaviour;
  readonly dialect: Dialect;
  readonly caller: Caller;
  readonly evses: readonly Evse[];
  readonly onRegistered: () => void;
}

const BOOT_RETRY_S = 30;

export class Registration {
  #bootReason: BootReason | null = 'PowerUp';
  #registered = false;
  /** Counts connections: what belongs to an earlier one is of no meaning for the next. */
  #connection = 0;
  #heartbeat: Timer | null = null;
  /** What the central system was told last of each outlet. */
  readonly #reported = new Map<number, string>();
  readonly #deps: RegistrationDeps;

  constructor(deps: RegistrationDeps) {
    this.#deps = deps;
  }

  get registered(): boolean {
    return this.#registered;
  }

  /** The next connection begins with a BootNotification, whatever the behaviours say. */
  bootNext(reason: BootReason): void {
    this.#bootReason = reason;
  }

  opened(): void {
    this.#connection++;
    this.#deps.caller.opened();
    if (this.#bootReason === null && this.#deps.misbehaviour.happens('noBootOnReconnect'))
      this.#register(false);
    else this.#boot();
  }

  lost(): void {
    this.#connection++;
    this.#registered = false;
    this.#heartbeat?.cancel();
    this.#deps.caller.closed();
  }

  /** StatusNotification, when there is something new to say and someone to say it to. */
  report(evse: Evse): void {
    if (!this.#registered || this.#reported.get(evse.id) === this.#deps.dialect.statusOf(evse)) return;
    this.sendStatuses([evse]);
  }

  /** null is the station itself, OCPP 1.6 connector 0. */
  sendStatuses(places: readonly (Evse | null)[]): void {
    for (const place of places) {
      const message = this.#deps.dialect.status(place);
      if (message === null) continue;
      if (place !== null) this.#reported.set(place.id, this.#deps.dialect.statusOf(place));
      this.#deps.caller.submit(message, (answer) => {
        if (answer.kind !== 'result' && place !== null) this.#reported.delete(place.id);
      });
    }
  }

  settingsChanged(): void {
    if (this.#registered) this.#beat();
  }

  close(): void {
    this.#heartbeat?.cancel();
  }

  #boot(): void {
    const connection = this.#connection;
    this.#deps.caller.submitFirst(this.#deps.dialect.boot(this.#bootReason ?? 'PowerUp'), (answer) => {
      if (connection === this.#connection) this.#booted(answer);
    });
  }

  #booted(answer: Answer): void {
    const payload = answer.kind === 'result' ? answer.payload : {};
    const intervalS =
      typeof payload.interval === 'number' && payload.interval > 0 ? payload.interval : BOOT_RETRY_S;
    if (payload.status === 'Accepted') {
      this.#deps.settings.heartbeatIntervalS = intervalS;
      this.#bootReason = null;
      this.#register(true);
      return;
    }
    // Pending and Rejected say when to try again (OCPP 1.6 section 4.2, OCPP 2.0.1 B02-B03).
    const connection = this.#connection;
    this.#deps.later.after(intervalS * 1000, () => {
      if (connection === this.#connection) this.#boot();
    });
  }

  #register(afterBoot: boolean): void {
    this.#registered = true;
    this.#deps.caller.registered();
    if (afterBoot) this.sendStatuses([null, ...this.#deps.evses]);
    else for (const evse of this.#deps.evses) this.report(evse);
    this.#beat();
    this.#deps.onRegistered();
  }

  #beat(): void {
    this.#heartbeat?.cancel();
    this.#heartbeat = this.#deps.clock.after(this.#deps.settings.heartbeatIntervalS * 1000, () => {
      this.#deps.caller.submit(this.#deps.dialect.heartbeat());
      this.#beat();
    });
  }
}
