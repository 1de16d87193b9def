// The form of a line's current against the phasors that it stands for.

import { abs, type Complex, complex, multiply, subtract } from 'mathjs';
import { describe, expect, it } from 'vitest';
import { lineCurrent } from './saturation.js';

/** A leg's current: in phase with its voltage, the legs a third of a turn apart. */
const phasor = (amperes: number, leg: number): Complex =>
  multiply(amperes, complex({ r: 1, phi: (-2 * Math.PI * leg) / 3 })) as Complex;

describe('lineCurrent', () => {
  it.each([
    [10, 10],
    [10, 0],
    [0, 7],
    [32.5, 4.25],
    [120, 311],
  ])('of legs with %f A and %f A is the difference of their phasors', (x, z) => {
    // Line A carries the current of leg AB (0) less that of leg CA (2); the others by rotation.
    for (let line = 0; line < 3; line++) {
      const current = abs(subtract(phasor(x, line), phasor(z, (line + 2) % 3)) as Complex);
      expect(lineCurrent(x, z)).toBeCloseTo(Number(current), 9);
    }
  });
});
