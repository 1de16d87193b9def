// Amounts of one connector: currents at an AC connector, powers as the car gets them at a DC connector. A value of
// the other kind that stands further outside than `current` was meant for other connectors and does not count;
// one that stands beside it or further inside is a mistake.

import { type ConnectorConfig, wattsPerAmpere } from '@ampledger/domain';
import type { Phase } from '@ampledger/kernel';
import { type Amount, amountText } from './amount.js';
import { type Layer, type Written, writtenAt } from './layers.js';
import type { Finding } from './problem.js';
import type { Wiring } from './rotation.js';

type Current = ConnectorConfig['current'];
type AmountKey = 'min' | 'max' | 'fallback' | 'idle' | 'step' | 'discharge';

const fits = (key: AmountKey | 'steps', { dimension, value }: Amount, current: Current): boolean =>
  value === 0 ||
  dimension === (current === 'ac' ? 'current' : 'power') ||
  (current === 'ac' && key === 'discharge');

/** Collects what is wrong while it looks amounts up. */
export class Amounts {
  readonly findings: Finding[] = [];

  constructor(
    readonly layers: readonly Layer[],
    readonly current: Written<Current>,
  ) {}

  one(key: AmountKey): Written<Amount> | undefined {
    return this.#meant(
      key,
      writtenAt(key, this.layers).map((written) => ({ written, amounts: [written.value] })),
    );
  }

  list(): Written<readonly Amount[]> | undefined {
    return this.#meant(
      'steps',
      writtenAt('steps', this.layers).map((written) => ({ written, amounts: written.value })),
    );
  }

  /** The innermost of its kind. */
  #meant<T>(
    key: AmountKey | 'steps',
    all: readonly { readonly written: Written<T>; readonly amounts: readonly Amount[] }[],
  ): Written<T> | undefined {
    for (const { written, amounts } of all) {
      const stranger = amounts.find((amount) => !fits(key, amount, this.current.value));
      if (stranger === undefined) return written;
      if (written.layer > this.current.layer) continue;
      this.findings.push({ path: written.path, ...this.#otherKind(key, stranger) });
      return undefined;
    }
    return undefined;
  }

  #otherKind(key: string, stranger: Amount): { message: string; expected: string } {
    const [name, expected] =
      this.current.value === 'ac'
        ? ['an AC connector', 'a current, such as `16 A`']
        : ['a DC connector', 'a power, such as `50 kW`'];
    return { message: `\`${key}\` of ${name} is ${amountText(stranger)}`, expected };
  }
}

export interface GridSide {
  readonly wiring: Wiring;
  readonly voltageV: number;
  /** Phases that it loads: as many as there are, whichever they may be. */
  readonly phases: readonly Phase[];
  /** Share of the grid's power that the car gets. */
  readonly efficiency: number;
}

/** Twelve digits, as of all quantities. */
export const rounded = (value: number): number => Number(value.toPrecision(12));

/** Amperes of the grid on each phase (line) for what a car gets. */
export const chargingA = ({ dimension, value }: Amount, grid: GridSide): number =>
  dimension === 'current' ? value : rounded(value / (grid.efficiency * wattsPerAmpere(grid, grid.phases)));

/** The same for what a car gives: what is lost on the way does not reach the grid. */
export const dischargingA = ({ dimension, value }: Amount, grid: GridSide): number =>
  dimension === 'current' ? value : rounded((value * grid.efficiency) / wattsPerAmpere(grid, grid.phases));
