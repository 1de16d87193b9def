import { describe, expect, it } from 'vitest';
import { amountOf, countOf, countsOf, existingDirectory, namesOf, usageFault } from './arguments.js';

function faultOf(read: () => unknown): string | undefined {
  try {
    read();
  } catch (error) {
    return usageFault(error);
  }
  throw new Error('nothing was wrong');
}

describe('the arguments of a benchmark', () => {
  it('are read', () => {
    expect(countsOf('60, 1000', { option: 'stations' })).toEqual([60, 1000]);
    expect(amountOf('0.5', { option: 'seconds' })).toBe(0.5);
    expect(namesOf('b,a', { option: 'only', known: ['a', 'b'] })).toEqual(['b', 'a']);
    expect(existingDirectory('/', { option: 'dir' })).toBe('/');
  });

  it.each([
    [() => countOf('0', { option: 'rounds' }), '--rounds 0: expected a whole number above 0.'],
    [() => countOf('1.5', { option: 'rounds' }), '--rounds 1.5: expected a whole number above 0.'],
    [() => countsOf('60,x', { option: 'stations' }), '--stations x: expected a whole number above 0.'],
    [() => amountOf('', { option: 'seconds' }), '--seconds : expected a number above 0.'],
    [() => amountOf('-1', { option: 'seconds' }), '--seconds -1: expected a number above 0.'],
    [
      () => namesOf('a,nonsense', { option: 'only', known: ['a', 'b'] }),
      '--only a,nonsense: there is no "nonsense". There are: a, b.',
    ],
    [
      () => existingDirectory('/none/such', { option: 'dir' }),
      '--dir /none/such: there is no such directory.',
    ],
  ])('%s is refused in a line', (read, message) => {
    expect(faultOf(read)).toBe(message);
  });

  it('leaves what fails in the benchmark itself as it is', () => {
    expect(usageFault(new Error('no route to host'))).toBeUndefined();
  });
});
