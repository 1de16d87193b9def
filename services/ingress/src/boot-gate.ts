// Keeps a station that boots over and over from filling the log: beyond a rate its boots are
// answered Rejected, with an interval that grows, and leave no event.

import type { Clock } from '@ampledger/kernel';

const WINDOW_MS = 60_000;
const INTERVAL_MAX_S = 3_600;

export class BootGate {
  readonly #clock: Clock;
  readonly #perWindow: number;
  #bootedAt: number[] = [];
  #refusals = 0;
  #refusedUntil = 0;

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perWindow = perMinute;
  }

  /** 0: the boot is welcome. Otherwise the seconds that the station is told to wait. */
  waitS(): number {
    const now = this.#clock.now();
    this.#bootedAt = this.#bootedAt.filter((at) => now - at < WINDOW_MS);
    if (this.#bootedAt.length < this.#perWindow) {
      this.#bootedAt.push(now);
      this.#refusals = 0;
      this.#refusedUntil = 0;
      return 0;
    }
    const waitS = Math.min(INTERVAL_MAX_S, 60 * 2 ** Math.min(this.#refusals, 10));
    this.#refusals += 1;
    this.#refusedUntil = now + waitS * 1000;
    return waitS;
  }

  /** Whether the station's last boot was refused and its time has not come yet (B03.FR.07). */
  get isRefused(): boolean {
    return this.#clock.now() < this.#refusedUntil;
  }
}
