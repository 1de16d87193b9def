// Keeps one link up: dials, falls back with growing random waits, and knows being offline from being
// silent. Guarantees that a link that was given up can no longer be heard.

import type { Clock, Timer } from '@ampledger/kernel';
import type { Dial, Link } from './link.js';
import type { Protocol } from './profile-rules.js';
import type { Random } from './random.js';

export interface BackOff {
  /** OCPP 2.0.1 part 4 section 5.3: RetryBackOffWaitMinimum, RandomRange and RepeatTimes. */
  readonly minS: number;
  readonly rangeS: number;
  readonly repeats: number;
}

export const DEFAULT_BACK_OFF: BackOff = { minS: 1, rangeS: 5, repeats: 5 };

interface ConnectionDeps {
  readonly station: { readonly id: string; readonly protocol: Protocol };
  readonly dial: Dial;
  readonly clock: Clock;
  readonly random: Random;
  readonly backOff: BackOff;
  readonly onOpen: () => void;
  readonly onMessage: (text: string) => void;
  readonly onClose: (code: number, reason: string) => void;
}

export class Connection {
  #link: Link | null = null;
  #open = false;
  /** Each dial has its number: what earlier links still say is not heard. */
  #dials = 0;
  #failures = 0;
  #wait: Timer | null = null;
  #abandoned: { readonly link: Link; readonly timer: Timer } | null = null;
  #closed = false;
  readonly #deps: ConnectionDeps;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Dials after `delayMs`. */
  connect(delayMs: number): void {
    if (this.#closed) return;
    this.#wait?.cancel();
    this.#wait = this.#deps.clock.after(delayMs, () => this.#dial());
  }

  send(text: string): void {
    if (this.#open) this.#link?.send(text);
  }

  /** Closes the link and stays away for `forMs`. */
  drop(forMs: number): void {
    const link = this.#link;
    this.#leave(1000, 'went offline');
    link?.close(1000, 'bye');
    this.connect(forMs);
  }

  /** Leaves the link open and unheard for `forMs`, then dials a new one; the old socket dies later. */
  fallSilent(forMs: number): void {
    const link = this.#link;
    this.#leave(1006, 'fell silent');
    link?.goSilent?.();
    this.#buryAbandoned();
    if (link !== null) {
      this.#abandoned = { link, timer: this.#deps.clock.after(forMs * 2, () => this.#buryAbandoned()) };
    }
    this.connect(forMs);
  }

  close(): void {
    this.#closed = true;
    this.#wait?.cancel();
    const link = this.#link;
    this.#leave(1001, 'closed');
    link?.close(1001, 'station closed');
    this.#buryAbandoned();
  }

  #buryAbandoned(): void {
    this.#abandoned?.timer.cancel();
    this.#abandoned?.link.close();
    this.#abandoned = null;
  }

  #leave(code: number, reason: string): void {
    const wasOpen = this.#open;
    this.#dials++;
    this.#link = null;
    this.#open = false;
    if (wasOpen) this.#deps.onClose(code, reason);
  }

  #dial(): void {
    const dial = ++this.#dials;
    let openedEarly = false;
    const current = () => dial === this.#dials;
    const link = this.#deps.dial(this.#deps.station, {
      onOpen: () => {
        if (this.#link === null) openedEarly = true;
        else if (current()) this.#opened();
      },
      onMessage: (text) => {
        if (current()) this.#deps.onMessage(text);
      },
      onClose: (code, reason) => {
        if (current()) this.#lost(code, reason);
      },
    });
    if (!current()) return;
    this.#link = link;
    if (openedEarly) this.#opened();
  }

  #opened(): void {
    this.#open = true;
    this.#failures = 0;
    this.#deps.onOpen();
  }

  #lost(code: number, reason: string): void {
    this.#leave(code, reason);
    const { minS, rangeS, repeats } = this.#deps.backOff;
    const waitS = minS * 2 ** Math.min(this.#failures++, repeats) + this.#deps.random() * rangeS;
    this.connect(waitS * 1000);
  }
}
