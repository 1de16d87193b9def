// Amounts by the minute, over any span: what is priced by the time of day is gathered here.

export const MINUTE_MS = 60_000;
const MINUTES_PER_DAY = 1_440;

export class MinuteBins {
  readonly #days = new Map<number, Float64Array>();

  /** Spreads an amount evenly over a span; one without length goes to the minute of its end. */
  add(from: number, to: number, amount: number): void {
    if (amount === 0) return;
    if (to <= from) return this.#put(Math.floor(to / MINUTE_MS), amount);
    const last = Math.floor((to - 1) / MINUTE_MS);
    for (let minute = Math.floor(from / MINUTE_MS); minute <= last; minute++) {
      const begins = Math.max(from, minute * MINUTE_MS);
      const ends = Math.min(to, (minute + 1) * MINUTE_MS);
      this.#put(minute, (amount * (ends - begins)) / (to - from));
    }
  }

  /** Minutes since 1970 that have something, in order of time. */
  *entries(): Iterable<readonly [minute: number, amount: number]> {
    for (const day of [...this.#days.keys()].sort((a, b) => a - b)) {
      const amounts = this.#days.get(day) ?? new Float64Array(0);
      for (let i = 0; i < amounts.length; i++) {
        const amount = amounts[i] ?? 0;
        if (amount !== 0) yield [day * MINUTES_PER_DAY + i, amount];
      }
    }
  }

  #put(minute: number, amount: number): void {
    const day = Math.floor(minute / MINUTES_PER_DAY);
    let amounts = this.#days.get(day);
    if (amounts === undefined) {
      amounts = new Float64Array(MINUTES_PER_DAY);
      this.#days.set(day, amounts);
    }
    const i = minute - day * MINUTES_PER_DAY;
    amounts[i] = (amounts[i] ?? 0) + amount;
  }
}
